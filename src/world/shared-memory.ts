import { closeSync, existsSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where memory of processes lies that no disk has to keep; on systems without it, files do as well. */
const MEMORY = "/dev/shm";

/** How much is written at once when memory is set up. */
const PIECE_BYTES = 1 << 20;

/** Memory that several processes of one machine see at the same time: a file that all of them have mapped. */
export class SharedMemory {
  /** What others open it by. */
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;

  private constructor(path: string) {
    this.path = path;
    this.bytes = Bun.mmap(path, { shared: true });
  }

  /**
   * Sets memory up, all zeros.
   * @param name No other process may use it.
   * @throws If there is no room. It is all taken now: what only turns out missing when it is used ends a process.
   */
  static create(name: string, size: number): SharedMemory {
    const path = join(existsSync(MEMORY) ? MEMORY : tmpdir(), name);
    const handle = openSync(path, "wx", 0o600);
    try {
      const zeros = new Uint8Array(Math.min(size, PIECE_BYTES));
      for (let left = size; left > 0; left -= zeros.length) writeSync(handle, zeros, 0, Math.min(left, zeros.length));
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(handle);
    }
    return new SharedMemory(path);
  }

  /** Opens memory that another process has set up. */
  static open(path: string): SharedMemory {
    return new SharedMemory(path);
  }

  /** Takes its name away; processes that have it go on with it. */
  unlink(): void {
    rmSync(this.path, { force: true });
  }
}
