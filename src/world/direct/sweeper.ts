/** What has connections that grow old. */
export interface Sweepable {
  /** Called at each turn; false when there is nothing left to look after. */
  sweep(): boolean;
}

/** One coarse timer for all idle connections: no clock is read and no timer set per request. It runs only while there is something to look after. */
export class Sweeper {
  /** Turns so far: the time, as far as idle connections go. */
  now = 0;
  /** Milliseconds from one turn to the next. */
  readonly everyMs: number;
  private readonly watched = new Set<Sweepable>();
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(everyMs: number) {
    this.everyMs = everyMs;
  }

  /** Looks after it until it says that nothing is left. Cheap if that is so already. */
  add(sweepable: Sweepable): void {
    this.watched.add(sweepable);
    if (this.timer !== undefined) return;
    this.timer = setInterval(() => this.turn(), this.everyMs);
    this.timer.unref();
  }

  private turn(): void {
    this.now++;
    for (const sweepable of this.watched) if (!sweepable.sweep()) this.watched.delete(sweepable);
    if (this.watched.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
