import { OmniError } from "../ir/failure.ts";
import type { Clock } from "../world/clock.ts";

/** When new requests are refused, so that those under way are served. */
export interface ShedLimits {
  /** How late timers may be; undefined if that does not matter. Milliseconds. */
  readonly lagMs: number | undefined;
  /** How much memory the process may have; undefined if that does not matter. */
  readonly memoryBytes: number | undefined;
}

const SAMPLE_MS = 250;
/** A sample that is over counts half with the next. */
const FADE = 0.5;
/** However long the process stood still, it is over within so many halvings of the limit. */
const LAG_FACTOR_MAX = 4;
const RETRY_MS = 1_000;

/**
 * Watches whether the process keeps up: how late its timers are, and how much memory it has. It looks only while requests come, and allocates nothing for
 * one that is let in.
 */
export class LoadWatch {
  private readonly clock: Clock;
  private readonly rssBytes: () => number;
  private lagMs = 0;
  private memoryBytes = 0;
  private isSampling = false;

  /** @param rssBytes How much memory the process has now. */
  constructor(clock: Clock, rssBytes: () => number) {
    this.clock = clock;
    this.rssBytes = rssBytes;
  }

  /** @throws {OmniError} `overloaded`, if one more request would be too much. */
  check(limits: ShedLimits): void {
    if (!this.isSampling) this.sample(limits);
    const { lagMs = Number.POSITIVE_INFINITY, memoryBytes = Number.POSITIVE_INFINITY } = limits;
    if (this.lagMs > lagMs) throw refusal(`it is ${Math.round(this.lagMs)} ms behind, and server.shed allows ${lagMs} ms`);
    if (this.memoryBytes > memoryBytes)
      throw refusal(`it has ${this.memoryBytes} bytes of memory, and server.shed allows ${memoryBytes} bytes`);
  }

  private sample({ lagMs: limitMs = Number.POSITIVE_INFINITY, memoryBytes }: ShedLimits): void {
    this.isSampling = true;
    if (memoryBytes !== undefined) this.memoryBytes = this.rssBytes();
    const dueMs = this.clock.nowMs() + SAMPLE_MS;
    this.clock.startTimer(SAMPLE_MS, () => {
      const lateMs = Math.min(Math.max(this.clock.nowMs() - dueMs, 0), LAG_FACTOR_MAX * limitMs);
      this.lagMs = Math.max(lateMs, this.lagMs * FADE);
      this.isSampling = false;
    });
  }
}

function refusal(why: string): OmniError {
  return new OmniError("overloaded", `Cannot take more requests now: ${why}.`, { retryAfterMs: RETRY_MS });
}
