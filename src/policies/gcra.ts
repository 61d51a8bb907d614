import { DebtMeter, type Rate } from "./rate-meter.ts";

export type { Rate } from "./rate-meter.ts";

/** How many subjects are remembered at a time, at most. */
const SLOTS_MAX = 65_536;

/** How far to look for a subject that can be forgotten without anybody noticing. */
const SWEEP = 16;

/**
 * A limit of a rate for many subjects at once, counted by this process alone.
 *
 * A subject takes 16 bytes and its name; those with no debt are forgotten when room is needed, then those with the least.
 */
export class Gcra extends DebtMeter {
  private readonly slotsMax: number;
  private readonly slots = new Map<string, number>();
  private readonly subjects: string[] = [];
  private debts = new Float64Array(64);
  private sinceMs = new Float64Array(64);
  private hand = 0;

  constructor(rate: Rate, slotsMax: number = SLOTS_MAX) {
    super(rate);
    this.slotsMax = slotsMax;
  }

  /** Subjects that are remembered. */
  get size(): number {
    return this.slots.size;
  }

  protected owe(subject: string, debt: number, nowMs: number): void {
    const slot = this.slots.get(subject);
    if (slot === undefined && debt === 0) return;
    const place = slot ?? this.place(subject, nowMs);
    this.debts[place] = debt;
    this.sinceMs[place] = Math.max(Math.floor(nowMs), slot === undefined ? 0 : (this.sinceMs[place] ?? 0));
  }

  protected debt(subject: string, nowMs: number): number {
    const slot = this.slots.get(subject);
    return slot === undefined ? 0 : this.debtAt(slot, nowMs);
  }

  private debtAt(slot: number, nowMs: number): number {
    return this.left(this.debts[slot] ?? 0, this.sinceMs[slot] ?? 0, nowMs);
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
