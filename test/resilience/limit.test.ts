import { expect, test } from "bun:test";
import { Limit } from "../../src/resilience/deadline.ts";
import type { Clock } from "../../src/world/clock.ts";

/** A clock whose timers run when they are told to, however late. */
function lateClock() {
  let nowMs = 0;
  const timers: { dueMs: number; run: () => void }[] = [];
  const clock: Clock = {
    nowMs: () => nowMs,
    epochMs: () => nowMs,
    startTimer: (delayMs, run) => {
      const timer = { dueMs: nowMs + delayMs, run };
      timers.push(timer);
      return timer;
    },
    cancelTimer: (timer) => {
      const at = timers.indexOf(timer as never);
      if (at >= 0) timers.splice(at, 1);
    },
  };
  /** Lets time pass at once, and only then runs what was due, as after a stop of the process. */
  const passAtOnce = (ms: number): void => {
    nowMs += ms;
    for (const timer of timers.filter(({ dueMs }) => dueMs <= nowMs)) {
      clock.cancelTimer(timer);
      timer.run();
    }
  };
  return { clock, passAtOnce, timers };
}

test.each([
  { claim: "is over when its time is", passes: [999, 1], over: true },
  { claim: "is not over before", passes: [999], over: false },
  { claim: "forgives a timer that is a little late nothing", passes: [1_200], over: true },
  { claim: "takes no stop of the process for silence", passes: [6_000], over: false },
  { claim: "but is over when nothing came afterwards either", passes: [6_000, 250], over: true },
  { claim: "and forgives a second stop as well", passes: [6_000, 6_000], over: false },
])("a limit $claim", ({ passes, over }) => {
  const { clock, passAtOnce } = lateClock();
  let isOver = false;
  new Limit(clock, 1_000, () => {
    isOver = true;
  });
  for (const ms of passes) passAtOnce(ms);
  expect(isOver).toBe(over);
});

test("a limit that is cancelled leaves no timer, not even after a stop", () => {
  const { clock, passAtOnce, timers } = lateClock();
  const limit = new Limit(clock, 1_000, () => {
    throw new Error("It was cancelled.");
  });
  passAtOnce(6_000);
  limit.cancel();
  expect(timers).toEqual([]);
  passAtOnce(6_000);
});
