import type { Random } from "../world/random.ts";

/** Makes choices of a seeded chance. */
export class Draws {
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** Whether something of this probability happens. */
  happens(probability: number): boolean {
    return this.random.unit() < probability;
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.random.unit() * (most - least + 1));
  }

  /** One of a list that is not empty. */
  oneOf<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)]!; // The list is not empty.
  }

  /** Each with this probability, in order. */
  some<T>(list: readonly T[], probability: number): T[] {
    return list.filter(() => this.happens(probability));
  }

  /** Milliseconds with a long tail: half of them below the median, one of a hundred above ten times that. */
  latencyMs(medianMs: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.random.unit())) * Math.cos(2 * Math.PI * this.random.unit());
    return medianMs * Math.exp(normal);
  }
}
