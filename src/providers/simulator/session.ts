import type { CancelSignal } from "../../world/cancellation.ts";
import type { Clock } from "../../world/clock.ts";
import { NetworkError, type NetworkRequest, type Session } from "../../world/network.ts";
import { answer, type SimulatedAnswer, type Step } from "./answer.ts";
import type { Stage } from "./operation.ts";

/** A server takes any method, if only to refuse it. */
type AnyRequest = Omit<NetworkRequest, "method"> & { readonly method: string };

/** A connection to the simulator without any socket: what it does is played out in-process, on the world's clock. */
export class SimulatorSession implements Session {
  private readonly stage: Stage;
  private readonly lingerMs: number;

  /** @param lingerMs How long to wait before a connection breaks, so that what was sent before can arrive. Default 0. */
  constructor(stage: Stage, lingerMs = 0) {
    this.stage = stage;
    this.lingerMs = lingerMs;
  }

  async send({ method, url, headers, body, signal }: AnyRequest): Promise<Response> {
    signal.throwIfAborted();
    // Below the base URL's `/v1`, wherever that may stand.
    const path = new URL(url).pathname.replace(/^.*?\/v1(?=\/|$)/, "");
    const answered = answer(
      { method, path, headers: { get: (name) => headers[name] ?? null }, body: body ?? new Uint8Array() },
      this.stage,
    );
    if (answered.type === "answer") return play(answered, this.stage.clock, this.lingerMs, signal);
    switch (answered.how) {
      case "refuse":
        throw new NetworkError("refused", false);
      case "reset":
        throw new NetworkError("reset", true);
      case "stall":
        return forever(signal);
      default:
        return answered.how satisfies never;
    }
  }

  /** There is nothing to drop. */
  close(): void {}
}

/** Waits for the first part, then gives the head; the rest comes as it is read, so that a slow reader slows the simulator. */
async function play(
  answered: SimulatedAnswer & { type: "answer" },
  clock: Clock,
  lingerMs: number,
  signal: CancelSignal,
): Promise<Response> {
  const { status, headers, steps, end } = answered;
  const parts = steps[Symbol.iterator]();
  const first = parts.next();
  if (!first.done) await pause(clock, first.value.delayMs, signal);
  // What is sent whole needs no stream, and can say how long it is.
  if (!first.done && end === "whole" && Array.isArray(steps)) {
    const body = first.value.bytes as Uint8Array<ArrayBuffer>; // Made here, of no shared memory.
    return new Response(body, { status, headers: { ...headers, "content-length": String(body.length) } });
  }
  return new Response(streamOf(first, parts, end, clock, lingerMs, signal), { status, headers });
}

function streamOf(
  first: IteratorResult<Step>,
  rest: Iterator<Step>,
  end: "whole" | "cut" | "stall",
  clock: Clock,
  lingerMs: number,
  signal: CancelSignal,
): ReadableStream<Uint8Array> {
  let next = first;
  let isCancelled = false;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        signal.throwIfAborted();
        if (next.done) {
          if (end === "stall") return forever(signal);
          if (end === "whole") return controller.close();
          await pause(clock, lingerMs, signal);
          throw new NetworkError("reset", true);
        }
        if (next !== first) await pause(clock, next.value.delayMs, signal);
        if (isCancelled) return;
        // An empty part would not answer the read that is waiting for it.
        if (next.value.bytes.length > 0) controller.enqueue(next.value.bytes);
        next = rest.next();
        if (next.done && end === "whole") controller.close();
      },
      cancel() {
        isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
}

/** @throws The signal's reason, as soon as it is aborted. */
async function pause(clock: Clock, delayMs: number, signal: CancelSignal): Promise<void> {
  signal.throwIfAborted();
  if (delayMs <= 0) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = clock.startTimer(delayMs, resolve);
  const leave = () => reject(signal.reason);
  signal.addEventListener("abort", leave);
  try {
    await promise;
  } finally {
    signal.removeEventListener("abort", leave);
    clock.cancelTimer(timer);
  }
}

function forever(signal: CancelSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
