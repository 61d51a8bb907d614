import type { Clock, Timer } from "../world/clock.ts";

/** How long the parts of an exchange may take, where the operator does not say otherwise. Milliseconds. */
export const DEADLINES = {
  /** Everything together: attempts, waits, the answer to its last byte. Equal to the official SDKs' own limit. */
  totalMs: 600_000,
  /** To the first content of a stream, while another target could still take over: a tight limit only helps when there is somewhere to go. */
  firstContentMs: 60_000,
  /** The same at the last target. */
  firstContentMsLast: 300_000,
  /** To the head of a whole answer, while another target could still take over. At the last target all the time that is left. */
  headMs: 120_000,
  /** Silence inside a stream. Any byte counts, a comment too. */
  silenceMs: 60_000,
  /** A client that gets nothing for so long is sent something that means nothing: intermediaries cut at 60 seconds. */
  keepAliveMs: 15_000,
  /** A client that reads nothing of what is there for it for so long is given up. */
  stalledMs: 60_000,
} as const;

/**
 * How long one attempt may take to its first sign of an answer.
 * @param configuredMs What the operator said; undefined leaves it to the defaults.
 * @param last Whether no other target is left.
 */
export function firstSignMs(stream: boolean, last: boolean, configuredMs: number | undefined): number {
  if (configuredMs !== undefined) return configuredMs;
  if (stream) return last ? DEADLINES.firstContentMsLast : DEADLINES.firstContentMs;
  return last ? Number.POSITIVE_INFINITY : DEADLINES.headMs;
}

/** A timer that is late by more than this was not late by itself: the process stood still. */
const STALL_MS = 250;

/**
 * A time limit that does not take our own standing still (a stopped process, a long collection, a suspended machine) for somebody else's silence:
 * a timer that fires late first lets what has come meanwhile be read.
 */
export class Limit {
  private readonly clock: Clock;
  private readonly over: () => void;
  private timer: Timer | undefined;

  /** @param over Called once, unless the limit is cancelled before. */
  constructor(clock: Clock, limitMs: number, over: () => void) {
    this.clock = clock;
    this.over = over;
    this.start(limitMs);
  }

  cancel(): void {
    if (this.timer !== undefined) this.clock.cancelTimer(this.timer);
    this.timer = undefined;
  }

  private start(delayMs: number): void {
    const dueMs = this.clock.nowMs() + delayMs;
    this.timer = this.clock.startTimer(delayMs, () => {
      if (this.clock.nowMs() - dueMs > STALL_MS) this.start(STALL_MS);
      else this.over();
    });
  }
}
