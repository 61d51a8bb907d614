/** How long a target rests that asked for it. */
export interface CooldownOptions {
  /** If it did not say how long; each further time in a row twice as long. Default 1,000. */
  readonly restMsFirst?: number;
  /** No rest is longer, whatever a provider asks for. Default 3,600,000. */
  readonly restMsMax?: number;
  /** No rest that we chose ourselves is longer. Default 60,000. */
  readonly restMsMaxUnasked?: number;
}

/** The rest of a target that refused work without being broken (429, a key that is not accepted). Of two rests the longer one holds. */
export class Cooldown {
  private readonly options: Required<CooldownOptions>;
  private untilMs = Number.NEGATIVE_INFINITY;
  private inRow = 0;

  constructor(options: CooldownOptions = {}) {
    this.options = { restMsFirst: 1_000, restMsMax: 3_600_000, restMsMaxUnasked: 60_000, ...options };
  }

  allows(nowMs: number): boolean {
    return nowMs >= this.untilMs;
  }

  /** From when on attempts may go. Only changes when `refused` is called. */
  get allowsFromMs(): number {
    return this.untilMs;
  }

  waitMs(nowMs: number): number {
    return Math.max(0, this.untilMs - nowMs);
  }

  /** @param restMs What the provider asked for; undefined if it said nothing. */
  refused(nowMs: number, restMs: number | undefined): void {
    const { restMsFirst, restMsMax, restMsMaxUnasked } = this.options;
    const chosen =
      restMs === undefined ? Math.min(restMsFirst * 2 ** Math.min(this.inRow, 30), restMsMaxUnasked) : Math.min(restMs, restMsMax);
    this.untilMs = Math.max(this.untilMs, nowMs + chosen);
    this.inRow++;
  }

  /** Another process was refused, and leaves it alone for so long. */
  refusedElsewhere(forMs: number, nowMs: number): void {
    this.untilMs = Math.max(this.untilMs, nowMs + Math.min(forMs, this.options.restMsMax));
  }

  /** It served again; the next rest begins short. A rest that is under way goes on. */
  served(): void {
    this.inRow = 0;
  }
}
