import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ClientSignal, ClientWatch } from "../../src/server/client-watch.ts";
import { ManualClock } from "../../src/world/simulated.ts";

/** A request that says whether its signal was asked for. */
function requestOf(controller = new AbortController()) {
  const seen = { asked: 0 };
  const request = {
    get signal() {
      seen.asked++;
      return controller.signal;
    },
  } as Request;
  return { request, seen, leave: () => controller.abort("left") };
}

describe("ClientWatch", () => {
  test("never asks for the signal of a request that is done within a moment", async () => {
    const clock = new ManualClock();
    const watch = new ClientWatch(clock);
    const { request, seen } = requestOf();
    const signal = new ClientSignal(request, watch);
    const listener = () => expect.unreachable();
    signal.addEventListener("abort", listener);
    await clock.advance(40);
    signal.removeEventListener("abort", listener);
    await clock.advance(1_000);
    expect(seen.asked).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test.each([
    { claim: "before the signal was asked for", leftAfterMs: 10 },
    { claim: "after that", leftAfterMs: 400 },
  ])("tells of a client that leaves $claim", async ({ leftAfterMs }) => {
    const clock = new ManualClock();
    const { request, leave } = requestOf();
    const signal = new ClientSignal(request, new ClientWatch(clock));
    const told: unknown[] = [];
    signal.addEventListener("abort", { handleEvent: () => void told.push(signal.reason) });
    await clock.advance(leftAfterMs);
    leave();
    await clock.advance(100);
    expect(told).toEqual(["left"]);
    expect(clock.pending).toBe(0);
  });

  test("asks for the signals of exactly those that are under way for two turns, whoever ends when", async () => {
    const spans = fc.array(fc.record({ startMs: fc.integer({ min: 0, max: 300 }), lastsMs: fc.integer({ min: 0, max: 300 }) }), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(spans, async (all) => {
        const clock = new ManualClock();
        const watch = new ClientWatch(clock);
        const requests = all.map((span) => ({ ...span, ...requestOf() }));
        for (const { request, startMs, lastsMs } of requests) {
          const signal = new ClientSignal(request, watch);
          const listener = () => {};
          clock.startTimer(startMs, () => signal.addEventListener("abort", listener));
          clock.startTimer(startMs + lastsMs, () => signal.removeEventListener("abort", listener));
        }
        await clock.advance(2_000);
        for (const { lastsMs, seen } of requests) {
          if (lastsMs < 50) expect(seen.asked).toBe(0);
          if (lastsMs > 100) expect(seen.asked).toBeGreaterThan(0);
        }
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 30 },
    );
  });
});
