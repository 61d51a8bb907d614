import { CoarseTimer, CoarseTimers } from "./coarse-timers.ts";

/** A timer under way; only the clock that started it can cancel it. */
export type Timer = object;

/** Time, as an argument. Deadlines and health use `nowMs`; what people and databases read uses `epochMs`. */
export interface Clock {
  /** Milliseconds since some start, with fractions. Never goes back, whatever happens to the wall clock. */
  nowMs(): number;
  /** Milliseconds since 1970 by the wall clock. May jump. */
  epochMs(): number;
  /** Runs `run` once, after at least `delayMs`. Does not keep the process alive by itself. */
  startTimer(delayMs: number, run: () => void): Timer;
  /** Cancels a timer; one that has run or was cancelled is left alone. */
  cancelTimer(timer: Timer): void;
}

/** From this delay on a timer is a deadline, and may be a tenth of a second late. Milliseconds. */
const COARSE_MS_MIN = 1_000;

const coarse = new CoarseTimers(() => performance.now());

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  epochMs: () => Date.now(),
  startTimer: (delayMs, run) => {
    if (delayMs >= COARSE_MS_MIN && delayMs < Number.POSITIVE_INFINITY) return coarse.start(delayMs, run);
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return timer;
  },
  cancelTimer: (timer) => {
    if (timer instanceof CoarseTimer) coarse.cancel(timer);
    else clearTimeout(timer as ReturnType<typeof setTimeout>); // Only startTimer above makes them.
  },
};
