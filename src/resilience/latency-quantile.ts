/** Each bucket is so much wider than the one before: no estimate is off by more. */
const GROWTH = 1.1;
/** Up to an hour. */
const BUCKETS = 160;
/** After so many observations what is known counts half, so that the latest thousand or so make up most of it. */
const HALVED_AFTER = 500;

/** How long something takes in all but the slowest cases, of late. Takes a kilobyte, and allocates nothing when used. */
export class LatencyQuantile {
  private readonly counts = new Float64Array(BUCKETS);
  private total = 0;
  private sinceHalved = 0;

  /** How many observations it stands on; older ones count less. */
  get weight(): number {
    return this.total;
  }

  /** @param tookMs Milliseconds. */
  observe(tookMs: number): void {
    const bucket = Math.min(Math.max(Math.ceil(Math.log(Math.max(tookMs, 1)) / Math.log(GROWTH)), 0), BUCKETS - 1);
    this.counts[bucket]!++; // Below BUCKETS.
    this.total++;
    if (++this.sinceHalved < HALVED_AFTER) return;
    this.sinceHalved = 0;
    this.total = 0;
    for (let at = 0; at < BUCKETS; at++) {
      this.counts[at]! /= 2; // The same.
      this.total += this.counts[at]!;
    }
  }

  /**
   * The time within which this part of all cases came. Milliseconds, rounded up to the end of a bucket; 0 while nothing is known.
   * @param part From 0 to 1.
   */
  at(part: number): number {
    if (this.total === 0) return 0;
    let left = part * this.total;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.counts[bucket]!; // Below BUCKETS.
      if (left <= 1e-9) return GROWTH ** bucket;
    }
    return GROWTH ** (BUCKETS - 1);
  }
}
