/** How often it is looked whether something is due. Milliseconds; no timer is later than that by more than the event loop is. */
const TICK_MS = 100;
const SLOTS = 1024;

/** A timer in the wheel, linked to its neighbours in the slot. */
export class CoarseTimer {
  readonly dueMs: number;
  readonly run: () => void;
  /** The slot that it hangs in; -1 once it has run or was cancelled. */
  slot: number;
  previous: CoarseTimer | undefined;
  next: CoarseTimer | undefined;

  constructor(dueMs: number, run: () => void, slot: number) {
    this.dueMs = dueMs;
    this.run = run;
    this.slot = slot;
  }
}

/**
 * Timers for deadlines: many are set, hardly one ever runs, and nobody minds a tenth of a second.
 *
 * A wheel of slots, each a list; setting and cancelling is a few assignments where the runtime's own timers cost a microsecond or two, which at
 * several per request was the largest part of what the gateway itself cost. One timer of the runtime turns the wheel while there is anything in it.
 */
export class CoarseTimers {
  private readonly slots: (CoarseTimer | undefined)[] = Array.from({ length: SLOTS });
  private readonly nowMs: () => number;
  private count = 0;
  private tick = 0;
  private turning = false;

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  start(delayMs: number, run: () => void): CoarseTimer {
    const dueMs = this.nowMs() + delayMs;
    // The slot after the one that it falls into, so that it is never early.
    const slot = (Math.floor(dueMs / TICK_MS) + 1) % SLOTS;
    const timer = new CoarseTimer(dueMs, run, slot);
    const first = this.slots[slot];
    timer.next = first;
    if (first !== undefined) first.previous = timer;
    this.slots[slot] = timer;
    this.count++;
    if (!this.turning) this.turn();
    return timer;
  }

  cancel(timer: CoarseTimer): void {
    const { slot, previous, next } = timer;
    if (slot === -1) return;
    timer.slot = -1;
    this.count--;
    if (previous === undefined) this.slots[slot] = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
  }

  private turn(): void {
    this.turning = true;
    this.tick = Math.floor(this.nowMs() / TICK_MS);
    this.wait();
  }

  private wait(): void {
    setTimeout(() => this.look(), TICK_MS).unref();
  }

  /** Runs what is due in all slots since the last look. */
  private look(): void {
    const nowMs = this.nowMs();
    const tick = Math.floor(nowMs / TICK_MS);
    // After a long stop of the process every slot is looked at once.
    for (let at = Math.max(this.tick + 1, tick - SLOTS + 1); at <= tick; at++) this.runDue(at % SLOTS, nowMs);
    this.tick = tick;
    if (this.count === 0) this.turning = false;
    else this.wait();
  }

  private runDue(slot: number, nowMs: number): void {
    let timer = this.slots[slot];
    while (timer !== undefined) {
      const { next } = timer;
      if (timer.dueMs <= nowMs) {
        this.cancel(timer);
        timer.run();
      }
      // What ran may have cancelled its neighbour: then the list is begun anew.
      timer = next === undefined || next.slot === slot ? next : this.slots[slot];
    }
  }
}
