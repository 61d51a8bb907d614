/** How many attempts may be under way at a provider, and who waits for a place. */
export interface ConcurrencyLimitOptions {
  /** Default: no limit. */
  readonly attemptsMax?: number | undefined;
}

/** Counts the attempts under way at a provider. Those who come when it is full may wait in a line that is no longer than the limit itself. */
export class ConcurrencyLimit {
  inFlight = 0;
  private attemptsMax: number;
  private readonly line: (() => void)[] = [];

  constructor({ attemptsMax = Number.POSITIVE_INFINITY }: ConcurrencyLimitOptions = {}) {
    this.attemptsMax = attemptsMax;
  }

  /** The limit of the configuration that is in force now. */
  set limit(attemptsMax: number | undefined) {
    this.attemptsMax = attemptsMax ?? Number.POSITIVE_INFINITY;
  }

  get isFull(): boolean {
    return this.inFlight >= this.attemptsMax;
  }

  entered(): void {
    this.inFlight++;
  }

  /** A place is free: whoever waits the longest is told. */
  left(): void {
    this.inFlight--;
    if (!this.isFull) this.line.shift()?.();
  }

  /**
   * Waits for a place. Who is told of one has to take it at once, or somebody else may.
   * @returns How to stop waiting; undefined if the line is full.
   */
  wait(free: () => void): (() => void) | undefined {
    if (this.line.length >= this.attemptsMax) return undefined;
    this.line.push(free);
    return () => {
      const place = this.line.indexOf(free);
      if (place >= 0) this.line.splice(place, 1);
    };
  }
}
