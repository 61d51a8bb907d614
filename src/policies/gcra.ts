/** How much in how long. */
export interface Rate {
  readonly limit: number;
  readonly windowMs: number;
  /** How much at once, after a pause. Default: all of `limit`. */
  readonly burst?: number;
}

/** How many subjects are remembered at a time, at most. */
const SLOTS_MAX = 65_536;

/** How far to look for a subject that can be forgotten without anybody noticing. */
const SWEEP = 16;

/**
 * A limit of a rate for many subjects at once: the generic cell rate algorithm, kept as a debt in whole numbers. What is taken adds to a subject's debt, time
 * takes away from it, and nothing may be taken that would lift it above the burst. There are no windows and so no edges of windows.
 *
 * Debts are counted in `1 / windowMs` of a unit, so that a millisecond takes away `limit` of them and all sums are exact: a wait that is told is exact to
 * the millisecond. Safe up to `limit × windowMs` of 2^52, which is fifty million a day.
 *
 * A subject takes 16 bytes and its name; those with no debt are forgotten when room is needed, then those with the least.
 */
export class Gcra {
  private readonly limit: number;
  private readonly unit: number;
  private readonly debtMax: number;
  private readonly slotsMax: number;
  private readonly slots = new Map<string, number>();
  private readonly subjects: string[] = [];
  private debts = new Float64Array(64);
  private sinceMs = new Float64Array(64);
  private hand = 0;

  constructor({ limit, windowMs, burst = limit }: Rate, slotsMax: number = SLOTS_MAX) {
    this.limit = limit;
    this.unit = windowMs;
    this.debtMax = burst * windowMs;
    this.slotsMax = slotsMax;
  }

  /** Subjects that are remembered. */
  get size(): number {
    return this.slots.size;
  }

  /**
   * How long until so much may be taken.
   * @returns Whole milliseconds; 0 for now, infinite for never.
   */
  waitMs(subject: string, amount: number, nowMs: number): number {
    const cost = amount * this.unit;
    if (cost > this.debtMax) return Number.POSITIVE_INFINITY;
    return Math.max(0, Math.ceil((this.debt(subject, nowMs) + cost - this.debtMax) / this.limit));
  }

  /**
   * Takes, or with an amount below zero gives back. Does not ask whether it may: what was estimated too low is owed all the same.
   * @param amount Whole.
   */
  take(subject: string, amount: number, nowMs: number): void {
    const debt = Math.max(0, this.debt(subject, nowMs) + amount * this.unit);
    const slot = this.slots.get(subject);
    if (slot === undefined && debt === 0) return;
    const place = slot ?? this.place(subject, nowMs);
    this.debts[place] = debt;
    this.sinceMs[place] = Math.max(Math.floor(nowMs), slot === undefined ? 0 : (this.sinceMs[place] ?? 0));
  }

  /** How much may be taken now. Whole. */
  remaining(subject: string, nowMs: number): number {
    return Math.max(0, Math.floor((this.debtMax - this.debt(subject, nowMs)) / this.unit));
  }

  /** How long until nothing is owed any more. */
  resetMs(subject: string, nowMs: number): number {
    return Math.ceil(this.debt(subject, nowMs) / this.limit);
  }

  private debt(subject: string, nowMs: number): number {
    const slot = this.slots.get(subject);
    return slot === undefined ? 0 : this.debtAt(slot, nowMs);
  }

  /** A clock that went back makes no debt. */
  private debtAt(slot: number, nowMs: number): number {
    const elapsedMs = Math.max(0, Math.floor(nowMs) - (this.sinceMs[slot] ?? 0));
    const debt = this.debts[slot] ?? 0;
    // Before the product could grow beyond what numbers hold.
    return elapsedMs >= debt / this.limit ? 0 : debt - elapsedMs * this.limit;
  }

  private place(subject: string, nowMs: number): number {
    const slot = this.subjects.length < this.slotsMax ? this.subjects.length : this.freed(nowMs);
    if (slot >= this.debts.length) {
      this.debts = grown(this.debts);
      this.sinceMs = grown(this.sinceMs);
    }
    this.subjects[slot] = subject;
    this.slots.set(subject, slot);
    return slot;
  }

  /** The first without debt from the hand on, or the one with the least of some. */
  private freed(nowMs: number): number {
    let [best, least] = [this.hand, Number.POSITIVE_INFINITY];
    for (let count = 0; count < SWEEP && least > 0; count++) {
      const debt = this.debtAt(this.hand, nowMs);
      if (debt < least) [best, least] = [this.hand, debt];
      this.hand = (this.hand + 1) % this.slotsMax;
    }
    this.slots.delete(this.subjects[best] ?? "");
    return best;
  }
}

function grown(column: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2);
  larger.set(column);
  return larger;
}
