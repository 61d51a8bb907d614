/** Places that a name may lie at: so many rows from its own place on are looked at, and no more. */
const WINDOW = 32;
/** How often the lock is tried before the process sleeps: some ten microseconds, for what is done under it takes less than one. */
const SPINS = 1_000;
/** How long one and the same holder may keep the lock. Whoever holds it longer was killed or stopped in the middle. Milliseconds. */
const HELD_MS_MAX = 20;
/** Bytes before the rows, for the lock and the seed. */
const HEAD_BYTES = 64;
const [LOCK, SEED] = [0, 1];

/** A name as the table knows it; keeps its row, so that it is looked for once. */
export class SharedName {
  readonly low: number;
  readonly high: number;
  row = -1;

  constructor(low: number, high: number) {
    this.low = low;
    this.high = high;
  }
}

/**
 * Rows of numbers under names, in memory that several processes share. A name is known by 64 bits of a hash whose seed is drawn by chance, so nobody can
 * choose two that meet. Its columns are all 0 at first.
 *
 * What belongs together is done between `enter` and `leave`, by one process at a time. The lock of a process that dies over it is taken from it after 20 ms.
 */
export class SharedTable {
  readonly rows: number;
  private readonly width: number;
  private readonly head: Int32Array;
  private readonly names: Int32Array;
  private readonly values: Float64Array;
  private readonly holder: number;
  private turn = 0;
  private held = 0;

  /**
   * @param bytes At least `SharedTable.bytesFor`, aligned to 8.
   * @param holder From 0 to 254: no two processes that live at the same time have the same.
   */
  constructor(bytes: Uint8Array<ArrayBuffer>, rows: number, width: number, holder: number) {
    this.rows = rows;
    this.width = width;
    this.holder = holder + 1;
    const { buffer, byteOffset } = bytes;
    this.head = new Int32Array(buffer, byteOffset, HEAD_BYTES / 4);
    this.values = new Float64Array(buffer, byteOffset + HEAD_BYTES, (rows + 1) * width);
    this.names = new Int32Array(buffer, byteOffset + HEAD_BYTES + (rows + 1) * width * 8, rows * 2);
  }

  /** How much memory a table takes. Divisible by 8. */
  static bytesFor(rows: number, width: number): number {
    return HEAD_BYTES + (rows + 1) * width * 8 + rows * 8;
  }

  /** Once, by whoever has set the memory up. @param seed 32 bits of chance. */
  seed(seed: number): void {
    this.head[SEED] = seed;
  }

  nameOf(text: string): SharedName {
    const seed = this.head[SEED]! >>> 0; // The head is longer.
    // A row whose name is 0 is free.
    return new SharedName(Bun.hash.xxHash32(text, seed) | 0 || 1, Bun.hash.xxHash32(text, ~seed >>> 0) | 0);
  }

  /** From here to `leave` no other process changes anything. Not to be entered twice. */
  enter(): void {
    this.turn = (this.turn + 1) & 0x7fffff;
    const own = (this.turn << 8) | this.holder;
    for (let spins = 0; spins < SPINS; spins++) {
      if (Atomics.compareExchange(this.head, LOCK, 0, own) === 0) {
        this.held = own;
        return;
      }
    }
    this.waitFor(own);
  }

  leave(): void {
    Atomics.compareExchange(this.head, LOCK, this.held, 0);
  }

  /**
   * A name's row; one is made if there is none. To be called between `enter` and `leave`.
   * @param worth How much is lost if a row is given to another name: 0 for nothing, infinite for what must not be. Of those in reach the least goes.
   * @returns The row behind all others if there is no room: whoever finds none shares that one.
   */
  row(name: SharedName, worth: (row: number) => number): number {
    if (this.isAt(name, name.row)) return name.row;
    name.row = this.find(name);
    if (name.row === -1) name.row = this.make(name, worth);
    return name.row;
  }

  /** A name's row, or -1. */
  seek(name: SharedName): number {
    if (!this.isAt(name, name.row)) name.row = this.find(name);
    return name.row;
  }

  get(row: number, column: number): number {
    return this.values[row * this.width + column]!; // Rows and columns are below their numbers.
  }

  set(row: number, column: number, value: number): void {
    this.values[row * this.width + column] = value;
  }

  private isAt({ low, high }: SharedName, row: number): boolean {
    return row >= 0 && this.names[row * 2] === low && this.names[row * 2 + 1] === high;
  }

  private find(name: SharedName): number {
    const first = (name.low >>> 0) % this.rows;
    for (let step = 0; step < WINDOW; step++) {
      const row = (first + step) % this.rows;
      if (this.isAt(name, row)) return row;
    }
    return -1;
  }

  private make({ low, high }: SharedName, worth: (row: number) => number): number {
    const first = (low >>> 0) % this.rows;
    let [best, least] = [-1, Number.POSITIVE_INFINITY];
    for (let step = 0; step < WINDOW && least > 0; step++) {
      const row = (first + step) % this.rows;
      const lost = this.names[row * 2] === 0 ? 0 : worth(row);
      if (lost < least) [best, least] = [row, lost];
    }
    if (best === -1) return this.rows;
    this.names[best * 2] = low;
    this.names[best * 2 + 1] = high;
    this.values.fill(0, best * this.width, (best + 1) * this.width);
    return best;
  }

  /** Somebody was interrupted in the middle, or died there. */
  private waitFor(own: number): void {
    let seen = 0;
    for (let heldMs = 0; ; heldMs++) {
      const held = Atomics.compareExchange(this.head, LOCK, 0, own);
      if (held === 0) break;
      if (held !== seen) [seen, heldMs] = [held, 0];
      else if (heldMs >= HELD_MS_MAX && Atomics.compareExchange(this.head, LOCK, held, own) === held) break;
      Bun.sleepSync(1);
    }
    this.held = own;
  }
}
