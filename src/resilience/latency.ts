/** After this time without news what is known counts half. */
const FADE_MS = 10_000;
/** No answer counts for less than this part of the average, so that many at once do not freeze it. */
const PART_MIN = 0.1;

/**
 * How long a target takes to its first content: an average that follows the latest answers, and fades to nothing when there are none,
 * so that a target that was slow is asked again some day. Allocates nothing.
 */
export class Latency {
  private averageMs = 0;
  private observedMs = 0;

  observe(tookMs: number, nowMs: number): void {
    const part = this.averageMs === 0 ? 1 : Math.max(PART_MIN, 1 - Math.exp(-(nowMs - this.observedMs) / FADE_MS));
    this.averageMs += part * (tookMs - this.averageMs);
    this.observedMs = nowMs;
  }

  /** Milliseconds; 0 while nothing is known. */
  at(nowMs: number): number {
    return this.averageMs / (1 + Math.max(nowMs - this.observedMs, 0) / FADE_MS);
  }
}
