/** How much in how long. */
export interface Rate {
  readonly limit: number;
  readonly windowMs: number;
  /** How much at once, after a pause. Default: all of `limit`. */
  readonly burst?: number;
}

/** What a limit of a rate is counted with, for many subjects at once. */
export interface Meter {
  /**
   * How long until so much may be taken.
   * @returns Whole milliseconds; 0 for now, infinite for never.
   */
  waitMs(subject: string, amount: number, nowMs: number): number;
  /**
   * Takes, or with an amount below zero gives back. Does not ask whether it may: what was estimated too low is owed all the same.
   * @param amount Whole.
   */
  take(subject: string, amount: number, nowMs: number): void;
  /** How much may be taken now. Whole. */
  remaining(subject: string, nowMs: number): number;
  /** How long until nothing is owed any more. */
  resetMs(subject: string, nowMs: number): number;
}

/**
 * The generic cell rate algorithm, kept as a debt in whole numbers. What is taken adds to a subject's debt, time takes away from it, and nothing may be
 * taken that would lift it above the burst. There are no windows and so no edges of windows.
 *
 * Debts are counted in `1 / windowMs` of a unit, so that a millisecond takes away `limit` of them and all sums are exact: a wait that is told is exact to
 * the millisecond. Safe up to `limit × windowMs` of 2^52, which is fifty million a day.
 */
export abstract class DebtMeter implements Meter {
  protected readonly limit: number;
  private readonly unit: number;
  private readonly debtMax: number;

  constructor({ limit, windowMs, burst = limit }: Rate) {
    this.limit = limit;
    this.unit = windowMs;
    this.debtMax = burst * windowMs;
  }

  waitMs(subject: string, amount: number, nowMs: number): number {
    const cost = amount * this.unit;
    if (cost > this.debtMax) return Number.POSITIVE_INFINITY;
    return Math.max(0, Math.ceil((this.debt(subject, nowMs) + cost - this.debtMax) / this.limit));
  }

  take(subject: string, amount: number, nowMs: number): void {
    this.owe(subject, Math.max(0, this.debt(subject, nowMs) + amount * this.unit), nowMs);
  }

  remaining(subject: string, nowMs: number): number {
    return Math.max(0, Math.floor((this.debtMax - this.debt(subject, nowMs)) / this.unit));
  }

  resetMs(subject: string, nowMs: number): number {
    return Math.ceil(this.debt(subject, nowMs) / this.limit);
  }

  /** What a subject owes now. */
  protected abstract debt(subject: string, nowMs: number): number;

  /** Notes what a subject owes from now on. */
  protected abstract owe(subject: string, debt: number, nowMs: number): void;

  /** What is left of a debt. A clock that went back makes no debt. */
  protected left(debt: number, sinceMs: number, nowMs: number): number {
    const elapsedMs = Math.max(0, Math.floor(nowMs) - sinceMs);
    // Before the product could grow beyond what numbers hold.
    return elapsedMs >= debt / this.limit ? 0 : debt - elapsedMs * this.limit;
  }
}
