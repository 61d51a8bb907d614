/** When a target is left alone, and for how long. */
export interface CircuitBreakerOptions {
  /** Failures in a row that open it. Default 5. */
  readonly failuresToOpen?: number;
  /** It also opens when this share of the attempts in the window failed. Default 0.5. */
  readonly failureShareToOpen?: number;
  /** ... provided that there were at least so many. Default 20. */
  readonly attemptsMin?: number;
  /** How far back the share looks. Default 30,000. */
  readonly windowMs?: number;
  /** How long it stays open the first time; each further time in a row twice as long. Default 1,000. */
  readonly openMsFirst?: number;
  /** Default 60,000. */
  readonly openMsMax?: number;
  /** The share of each opening that is left to chance, so that many gateways do not come back in step. Default 0.5. */
  readonly jitter?: number;
  /** How long it takes, once it has closed again, until all of the traffic is back. Default 10,000. */
  readonly rampMs?: number;
  /** The part of the traffic that it begins with then. Default 0.1. */
  readonly rampShareFirst?: number;
}

const DEFAULTS: Required<CircuitBreakerOptions> = {
  failuresToOpen: 5,
  failureShareToOpen: 0.5,
  attemptsMin: 20,
  windowMs: 30_000,
  openMsFirst: 1_000,
  openMsMax: 60_000,
  jitter: 0.5,
  rampMs: 10_000,
  rampShareFirst: 0.1,
};

const SLOTS = 10;

/**
 * Keeps traffic from a target that fails. Closed: all may go. Open: none. Half-open, once its time is over: one probe, whose outcome decides.
 * Its methods are called on the hot path and allocate nothing.
 */
export class CircuitBreaker {
  private readonly options: Required<CircuitBreakerOptions>;
  private readonly unit: () => number;
  /** 0 when closed. */
  private openUntilMs = 0;
  private openedMs = 0;
  /** When it closed again. */
  private closedMs = Number.NEGATIVE_INFINITY;
  private openings = 0;
  private failuresInRow = 0;
  private probing = false;
  private readonly succeededIn = new Int32Array(SLOTS);
  private readonly failedIn = new Int32Array(SLOTS);
  private slot = 0;

  /** @param unit Chance, from 0 to 1. */
  constructor(options: CircuitBreakerOptions, unit: () => number) {
    this.options = { ...DEFAULTS, ...options };
    this.unit = unit;
  }

  state(nowMs: number): "closed" | "open" | "half-open" {
    if (this.openUntilMs === 0) return "closed";
    return nowMs < this.openUntilMs ? "open" : "half-open";
  }

  /** Whether an attempt may go. Changes nothing. */
  allows(nowMs: number): boolean {
    return nowMs >= this.allowsFromMs;
  }

  /** From when on attempts may go; infinite while a probe is under way. Only changes when one of the methods below is called. */
  get allowsFromMs(): number {
    if (this.openUntilMs === 0) return Number.NEGATIVE_INFINITY;
    return this.probing ? Number.POSITIVE_INFINITY : this.openUntilMs;
  }

  /** From when on `share` is 1, if nothing fails. */
  get wholeFromMs(): number {
    return this.closedMs + this.options.rampMs;
  }

  /** The part of its traffic that the target should get: all, or less for a while after it was out. The probe is as good as any other. */
  share(nowMs: number): number {
    const { rampMs, rampShareFirst } = this.options;
    const sinceMs = nowMs - this.closedMs;
    return sinceMs >= rampMs ? 1 : rampShareFirst + ((1 - rampShareFirst) * sinceMs) / rampMs;
  }

  /** How long until an attempt may go; while a probe is under way nobody can tell, and it says 1 second. */
  waitMs(nowMs: number): number {
    if (this.allows(nowMs)) return 0;
    return Math.max(this.openUntilMs - nowMs, this.probing ? 1_000 : 0);
  }

  /** An attempt goes. If the breaker is half-open, it is the probe. */
  started(nowMs: number): void {
    if (this.openUntilMs !== 0 && nowMs >= this.openUntilMs) this.probing = true;
  }

  /** @param startedMs When the attempt began: one that began before the breaker opened says nothing about now. */
  succeeded(startedMs: number, nowMs: number): void {
    this.turnTo(nowMs);
    this.succeededIn[this.slot]!++; // The slot is below SLOTS.
    if (this.openUntilMs === 0) this.failuresInRow = 0;
    else if (startedMs > this.openedMs) this.close(nowMs);
  }

  /** @param openMsMin What the provider itself asked for: the opening is at least as long. */
  failed(startedMs: number, nowMs: number, openMsMin = 0): void {
    this.turnTo(nowMs);
    this.failedIn[this.slot]!++; // The slot is below SLOTS.
    if (this.openUntilMs !== 0) {
      if (startedMs >= this.openUntilMs) this.open(nowMs, openMsMin);
      return;
    }
    this.failuresInRow++;
    if (this.failuresInRow >= this.options.failuresToOpen || this.shareIsReached()) this.open(nowMs, openMsMin);
  }

  /** Another process has seen it fail, and leaves it alone for so long. */
  openedElsewhere(forMs: number, nowMs: number): void {
    if (this.openUntilMs >= nowMs + forMs) return;
    this.openedMs = nowMs;
    this.openUntilMs = nowMs + forMs;
    this.openings = Math.max(1, this.openings);
    this.probing = false;
  }

  /** Another process has seen it work again. */
  closedElsewhere(nowMs: number): void {
    if (this.openUntilMs !== 0) this.close(nowMs);
  }

  /** When its time is over, whether a probe is under way or not; 0 when it is closed. */
  get untilMs(): number {
    return this.openUntilMs;
  }

  /** The attempt ended and says nothing of the target: if it was the probe, another may go. */
  abandoned(startedMs: number): void {
    if (this.openUntilMs !== 0 && startedMs >= this.openUntilMs) this.probing = false;
  }

  private open(nowMs: number, openMsMin: number): void {
    const { openMsFirst, openMsMax, jitter } = this.options;
    const wholeMs = Math.min(openMsFirst * 2 ** Math.min(this.openings, 30), openMsMax);
    this.openedMs = nowMs;
    this.openUntilMs = nowMs + Math.max(wholeMs * (1 - jitter * this.unit()), openMsMin);
    this.openings++;
    this.probing = false;
  }

  private close(nowMs: number): void {
    this.openUntilMs = 0;
    this.closedMs = nowMs;
    this.openings = 0;
    this.failuresInRow = 0;
    this.probing = false;
    this.succeededIn.fill(0);
    this.failedIn.fill(0);
  }

  private shareIsReached(): boolean {
    let failed = 0;
    let all = 0;
    for (let i = 0; i < SLOTS; i++) {
      failed += this.failedIn[i]!; // i is below SLOTS.
      all += this.failedIn[i]! + this.succeededIn[i]!;
    }
    return all >= this.options.attemptsMin && failed >= all * this.options.failureShareToOpen;
  }

  private slotMs = 0;

  /** Empties the slots of the window that time has passed by. */
  private turnTo(nowMs: number): void {
    const width = this.options.windowMs / SLOTS;
    if (nowMs - this.slotMs >= this.options.windowMs) {
      this.succeededIn.fill(0);
      this.failedIn.fill(0);
      this.slotMs = nowMs;
      return;
    }
    while (nowMs - this.slotMs >= width) {
      this.slotMs += width;
      this.slot = (this.slot + 1) % SLOTS;
      this.succeededIn[this.slot] = 0;
      this.failedIn[this.slot] = 0;
    }
  }
}
