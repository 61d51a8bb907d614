/** What several rounds of one measurement gave: the middle, and how far they lay apart. */
export interface Spread {
  readonly min: number;
  /** A quarter of the rounds lie below. */
  readonly lower: number;
  readonly median: number;
  /** A quarter of the rounds lie above. */
  readonly upper: number;
  readonly max: number;
  readonly rounds: number;
}

/**
 * The value below which a share of all values lies, drawn straight between the two nearest.
 *
 * @param share From 0 (the least) to 1 (the greatest).
 * @returns NaN for no values at all.
 */
export function quantile(values: ArrayLike<number>, share: number): number {
  return quantileOfSorted(Float64Array.from(values).sort(), share);
}

/** The same for values that are in ascending order already. */
export function quantileOfSorted(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const place = (sorted.length - 1) * Math.min(Math.max(share, 0), 1);
  const below = Math.floor(place);
  const low = sorted[below]!; // Between 0 and length - 1.
  const high = sorted[Math.ceil(place)]!; // The same.
  return low + (high - low) * (place - below);
}

/** The middle value; of an even number the mean of the two in the middle. NaN for none. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/** Sums rounds up. Rounds without a number (a measurement that failed) do not count. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort();
  return {
    min: quantileOfSorted(sorted, 0),
    lower: quantileOfSorted(sorted, 0.25),
    median: quantileOfSorted(sorted, 0.5),
    upper: quantileOfSorted(sorted, 0.75),
    max: quantileOfSorted(sorted, 1),
    rounds: sorted.length,
  };
}

/**
 * One round against the same round of another. Neighbours in time share the machine's mood, so the middle of these ratios is steadier
 * than the ratio of the middles.
 *
 * @returns A ratio for each round that both have.
 */
export function pairedRatios(values: readonly number[], references: readonly number[]): number[] {
  return values.slice(0, references.length).flatMap((value, round) => {
    const ratio = value / (references[round] ?? Number.NaN);
    return Number.isFinite(ratio) ? [ratio] : [];
  });
}

/** A growing row of numbers without an object for each. */
export class Series {
  private values = new Float64Array(4096);
  private count = 0;

  get length(): number {
    return this.count;
  }

  add(value: number): void {
    if (this.count === this.values.length) {
      const larger = new Float64Array(this.count * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.count++] = value;
  }

  clear(): void {
    this.count = 0;
  }

  /** The shares asked for, in the order asked for. Sorts once. */
  quantiles(...shares: readonly number[]): number[] {
    const sorted = this.values.slice(0, this.count).sort();
    return shares.map((share) => quantileOfSorted(sorted, share));
  }
}
