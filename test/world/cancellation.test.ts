import { describe, expect, test } from "bun:test";
import { abortSignalOf, Cancellation, type CancelSignal } from "../../src/world/cancellation.ts";

const MAKES: readonly { readonly name: string; make(): { readonly signal: CancelSignal; abort(reason: unknown): void } }[] = [
  {
    name: "Cancellation",
    make: () => {
      const signal = new Cancellation();
      return { signal, abort: (reason) => signal.abort(reason) };
    },
  },
  { name: "AbortController", make: () => new AbortController() },
];

describe.each(MAKES)("the signal of $name", ({ make }) => {
  test("tells each listener once, whatever is said after the first time", () => {
    const { signal, ...rest } = withAbort(make());
    const told: string[] = [];
    const object = { handleEvent: () => void told.push("object") };
    const second = () => void told.push("second");
    signal.addEventListener("abort", object);
    signal.addEventListener("abort", object);
    signal.addEventListener("abort", second);
    signal.addEventListener("abort", second);
    rest.abort(new Error("first"));
    rest.abort(new Error("again"));
    expect(told).toEqual(["object", "second"]);
    expect(signal.reason).toEqual(new Error("first"));
  });

  test("tells nobody who was taken off", () => {
    const { signal, abort } = withAbort(make());
    const told: string[] = [];
    const listeners = ["a", "b", "c"].map((name) => () => void told.push(name));
    for (const listener of listeners) signal.addEventListener("abort", listener);
    signal.removeEventListener("abort", listeners[0]!);
    signal.removeEventListener("abort", listeners[2]!);
    abort("reason");
    expect(told).toEqual(["b"]);
  });

  test("throws its reason once it is over, and calls nobody who comes later", () => {
    const { signal, abort } = withAbort(make());
    expect(signal.aborted).toBe(false);
    signal.throwIfAborted();
    abort(new Error("over"));
    signal.addEventListener("abort", () => expect.unreachable());
    expect(signal.aborted).toBe(true);
    expect(() => signal.throwIfAborted()).toThrow("over");
  });

  test("is handed on to what knows the runtime's own signals alone", () => {
    for (const early of [true, false]) {
      const { signal, abort } = withAbort(make());
      if (early) abort("reason");
      const native = abortSignalOf(signal);
      if (!early) abort("reason");
      expect(native).toBeInstanceOf(AbortSignal);
      expect(native.aborted).toBe(true);
      expect(native.reason).toBe("reason");
    }
  });
});

function withAbort(made: { readonly signal: CancelSignal; abort(reason: unknown): void }) {
  return { signal: made.signal, abort: (reason: unknown) => made.abort(reason) };
}
