import { LatencyQuantile } from "./latency-quantile.ts";

/** When a second target may be asked while the first one has not begun to answer. */
export interface HedgeOptions {
  /** After this time; undefined for what all but a twentieth of the first contents took of late. Milliseconds. */
  readonly afterMs: number | undefined;
  /** The part of all requests that may be asked twice. */
  readonly share: number;
}

/** The part of first contents that come in time. */
const IN_TIME = 0.95;
/** Fewer tell nothing of a twentieth. */
const OBSERVED_MIN = 20;
/** What was not used of the share is kept up to so many second attempts. */
const SAVED_MAX = 10;

/** Of one route: when it is time for a second attempt, and whether one may still be made. Allocates nothing when used. */
export class Hedge {
  private readonly options: HedgeOptions;
  private readonly latency = new LatencyQuantile();
  /** Second attempts that may be made now. */
  private saved = 0;

  /** @param previous That of the same route in the plan before, whose knowledge is taken over. */
  constructor(options: HedgeOptions, previous?: Hedge) {
    this.options = options;
    if (previous === undefined) return;
    this.latency = previous.latency;
    this.saved = previous.saved;
  }

  /** How long to wait for the first target; undefined while nobody can tell. Milliseconds. */
  get delayMs(): number | undefined {
    const { afterMs } = this.options;
    if (afterMs !== undefined) return afterMs;
    return this.latency.weight < OBSERVED_MIN ? undefined : this.latency.at(IN_TIME);
  }

  /** A request came. */
  asked(): void {
    this.saved = Math.min(this.saved + this.options.share, SAVED_MAX);
  }

  /** The first target took so long to its first content, or was given up after so long. */
  observed(tookMs: number): void {
    this.latency.observe(tookMs);
  }

  /**
   * Takes the right to one second attempt.
   * @param cost How much of it costs as much as an ordinary attempt: 2 for a target that is twice as expensive as the first.
   * @returns false if there is none left.
   */
  take(cost: number): boolean {
    // What was added in parts may lack a hair of the whole.
    if (this.saved + 1e-9 < cost) return false;
    this.saved -= cost;
    return true;
  }
}
