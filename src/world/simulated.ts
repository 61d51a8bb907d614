import type { CancelSignal } from "./cancellation.ts";
import type { Clock, Timer } from "./clock.ts";
import type { Network, NetworkRequest, NetworkResponse, SessionOptions } from "./network.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

/** A clock that stands still until it is turned. */
export class ManualClock implements Clock {
  private ms = 0;
  private epochMsAtStart: number;
  private readonly timers = new Set<ManualTimer>();

  /** @param epochMsAtStart What the wall clock says at the start. Default: the beginning of 2025. */
  constructor(epochMsAtStart: number = Date.UTC(2025, 0, 1)) {
    this.epochMsAtStart = epochMsAtStart;
  }

  nowMs(): number {
    return this.ms;
  }

  epochMs(): number {
    return this.epochMsAtStart + this.ms;
  }

  /** Sets the wall clock to another time, as people and time servers do. `nowMs` and timers do not mind. */
  stepWall(byMs: number): void {
    this.epochMsAtStart += byMs;
  }

  startTimer(delayMs: number, run: () => void): Timer {
    const timer = { dueMs: this.ms + Math.max(delayMs, 0), run };
    this.timers.add(timer);
    return timer;
  }

  cancelTimer(timer: Timer): void {
    this.timers.delete(timer as ManualTimer); // Only startTimer above makes them.
  }

  /** Timers that have neither run nor been cancelled. */
  get pending(): number {
    return this.timers.size;
  }

  /** When the next timer is due, by `nowMs`; undefined if none is set. */
  get nextMs(): number | undefined {
    return this.next()?.dueMs;
  }

  /**
   * Turns the clock, running what is due, in order, each timer at its own time. Whatever a timer sets off in promises,
   * new timers included, is done before the next one runs, as it would be with real time between them.
   */
  async advance(byMs: number): Promise<void> {
    const endMs = this.ms + byMs;
    await settled();
    for (let timer = this.next(); timer !== undefined && timer.dueMs <= endMs; timer = this.next()) {
      this.timers.delete(timer);
      this.ms = Math.max(this.ms, timer.dueMs);
      timer.run();
      await settled();
    }
    this.ms = endMs;
  }

  /** The earliest timer; of equal ones the one that was set first. */
  private next(): ManualTimer | undefined {
    let earliest: ManualTimer | undefined;
    for (const timer of this.timers) if (earliest === undefined || timer.dueMs < earliest.dueMs) earliest = timer;
    return earliest;
  }
}

interface ManualTimer {
  readonly dueMs: number;
  readonly run: () => void;
}

/** Two turns of the event loop: streams hand on a chunk in the one, and its reader goes on in the other. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Chance that repeats: the same seed gives the same numbers and the same identifiers.
 * @param clock What identifiers take their time from.
 */
export function seededRandom(seed: number, clock: Clock): Random {
  // Mulberry32: one word of state, and good enough for anything but secrets.
  let state = seed >>> 0;
  const word = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");
  let last = 0n;
  return {
    unit: () => word() / 2 ** 32,
    uuid: () => {
      // Time in front, then a count that makes those of one millisecond rise as well.
      const time = BigInt(Math.floor(clock.epochMs())) << 12n;
      last = time > last ? time : last + 1n;
      const head = last.toString(16).padStart(15, "0");
      const tail = `${hex((word() % 0x4000) | 0x8000, 4)}-${hex(word(), 8)}${hex(word() % 0x10000, 4)}`;
      return `${head.slice(0, 8)}-${head.slice(8, 12)}-7${head.slice(12)}-${tail}`;
    },
  };
}

/** Answers a request; a native `Response` will do. `session` counts the pools in the order in which they were opened. */
export type Answering = (request: NetworkRequest, session: number) => Promise<NetworkResponse> | NetworkResponse;

/** A network without wires. What is thrown in `answering` is what the sender gets. */
export function simulatedNetwork(answering: Answering): Network {
  let opened = 0;
  return {
    open: (_options?: SessionOptions) => {
      const session = opened++;
      return {
        send: async (request) => {
          request.signal.throwIfAborted();
          return until(request.signal, Promise.resolve(answering(request, session)));
        },
        close: () => {},
      };
    },
    // Of the range that is kept for benchmarks, of which the internet has nothing.
    resolve: async () => ["198.18.0.1"],
    ownAddresses: () => [],
  };
}

/** The promise's outcome, or the signal's reason if that comes first. */
async function until<T>(signal: CancelSignal, promise: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** A world that repeats. */
export interface SimulatedWorld extends World {
  readonly clock: ManualClock;
}

/** A world in which nothing happens by itself: time is turned by hand, chance comes from a seed, and `answering` is the network. */
export function simulatedWorld(answering: Answering, seed = 1): SimulatedWorld {
  const clock = new ManualClock();
  return { clock, random: seededRandom(seed, clock), network: simulatedNetwork(answering) };
}
