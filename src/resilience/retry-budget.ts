/** How many attempts may be second ones. */
export interface RetryBudgetOptions {
  /** The part of a provider's requests that may be repeated. Default 0.2. */
  readonly share?: number;
  /** So many may be in any case, so that the few requests of a quiet time are not left alone. Per second; default 10. */
  readonly perSecondMin?: number;
}

const SLOTS = 10;
const SLOT_MS = 1_000;

/**
 * Keeps repeated attempts from multiplying an outage: of the last ten seconds' requests only a part may be repeats. Allocates nothing.
 * @see https://linkerd.io/2/tasks/configuring-retries/
 */
export class RetryBudget {
  private readonly share: number;
  private readonly perSecondMin: number;
  private readonly requestsIn = new Int32Array(SLOTS);
  private readonly repeatsIn = new Int32Array(SLOTS);
  /** When the slot at hand began, in slots. */
  private now = 0;

  constructor({ share = 0.2, perSecondMin = 10 }: RetryBudgetOptions = {}) {
    this.share = share;
    this.perSecondMin = perSecondMin;
  }

  /** Whether one more repeat may go. */
  allows(nowMs: number): boolean {
    this.turnTo(nowMs);
    return sum(this.repeatsIn) + 1 <= (this.perSecondMin * SLOTS * SLOT_MS) / 1_000 + this.share * sum(this.requestsIn);
  }

  /** An attempt goes. @param repeat Whether its exchange was at this provider before and failed there. */
  started(repeat: boolean, nowMs: number): void {
    this.turnTo(nowMs);
    const row = repeat ? this.repeatsIn : this.requestsIn;
    row[this.now % SLOTS]!++; // Below SLOTS.
  }

  private turnTo(nowMs: number): void {
    const slot = Math.floor(nowMs / SLOT_MS);
    for (let passed = Math.max(this.now + 1, slot - SLOTS + 1); passed <= slot; passed++) {
      this.requestsIn[passed % SLOTS] = 0;
      this.repeatsIn[passed % SLOTS] = 0;
    }
    this.now = Math.max(this.now, slot);
  }
}

function sum(row: Int32Array): number {
  let all = 0;
  for (let slot = 0; slot < SLOTS; slot++) all += row[slot]!; // Below SLOTS.
  return all;
}
