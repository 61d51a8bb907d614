import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { CircuitBreaker } from "../../src/resilience/circuit-breaker.ts";

const breakerOf = (options = {}): CircuitBreaker =>
  new CircuitBreaker({ failuresToOpen: 3, openMsFirst: 1000, jitter: 0, ...options }, () => 0);

describe("CircuitBreaker", () => {
  test.each([
    { claim: "stays closed below the limit", seen: "ff", state: "closed" },
    { claim: "opens at the limit", seen: "fff", state: "open" },
    { claim: "forgets failures after a success", seen: "ffsf", state: "closed" },
  ] as const)("$claim", ({ seen, state }) => {
    const breaker = breakerOf();
    for (const outcome of seen) outcome === "f" ? breaker.failed(0, 0) : breaker.succeeded(0, 0);
    expect(breaker.state(0)).toBe(state);
  });

  test("opens when half of the attempts in the window fail, though never many in a row", () => {
    const breaker = breakerOf({ failuresToOpen: 100 });
    for (let i = 0; i < 10; i++) {
      breaker.succeeded(i, i);
      breaker.failed(i, i);
    }
    expect(breaker.state(10)).toBe("open");
  });

  test("does not open by share on failures that the window has left behind", () => {
    const breaker = breakerOf({ failuresToOpen: 100, windowMs: 1000 });
    for (let i = 0; i < 19; i++) breaker.failed(0, 0);
    breaker.failed(5000, 5000);
    expect(breaker.state(5000)).toBe("closed");
  });

  test("lets one probe through when its time is over, and no second one", () => {
    const breaker = breakerOf();
    for (let i = 0; i < 3; i++) breaker.failed(0, 0);
    expect(breaker.allows(999)).toBe(false);
    expect(breaker.allows(1000)).toBe(true);
    breaker.started(1000);
    expect(breaker.allows(1001)).toBe(false);
  });

  test("closes after a good probe and opens for twice as long after a bad one", () => {
    const breaker = breakerOf();
    for (let i = 0; i < 3; i++) breaker.failed(0, 0);
    breaker.started(1000);
    breaker.failed(1000, 1000);
    expect(breaker.waitMs(1000)).toBe(2000);
    breaker.started(3000);
    breaker.succeeded(3000, 3100);
    expect(breaker.state(3100)).toBe("closed");
  });

  test("is not closed by an attempt that began before it opened", () => {
    const breaker = breakerOf();
    for (let i = 0; i < 3; i++) breaker.failed(0, 100);
    breaker.succeeded(50, 2000);
    expect(breaker.state(200)).toBe("open");
  });

  test("lets another probe through when the first was abandoned", () => {
    const breaker = breakerOf();
    for (let i = 0; i < 3; i++) breaker.failed(0, 0);
    breaker.started(1000);
    breaker.abandoned(1000);
    expect(breaker.allows(1001)).toBe(true);
  });

  test("stays open as long as the provider asked for", () => {
    const breaker = breakerOf();
    for (let i = 0; i < 3; i++) breaker.failed(0, 0, 30_000);
    expect(breaker.waitMs(0)).toBe(30_000);
  });

  test("never stays shut for good: whatever happened, an attempt is allowed again in time", () => {
    const step = fc.record({
      what: fc.constantFrom("start", "success", "failure", "abandon"),
      afterMs: fc.integer({ min: 0, max: 70_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (steps, unit) => {
        const breaker = new CircuitBreaker({}, () => unit);
        let nowMs = 0;
        let startedMs = 0;
        let running = false;
        for (const { what, afterMs } of steps) {
          nowMs += afterMs;
          if (what === "start" && !running && breaker.allows(nowMs)) {
            breaker.started(nowMs);
            startedMs = nowMs;
            running = true;
          } else if (running && what !== "start") {
            if (what === "success") breaker.succeeded(startedMs, nowMs);
            else if (what === "failure") breaker.failed(startedMs, nowMs);
            else breaker.abandoned(startedMs);
            running = false;
          }
        }
        if (running) breaker.abandoned(startedMs);
        expect(breaker.allows(nowMs + 60_000)).toBe(true);
      }),
    );
  });
});
