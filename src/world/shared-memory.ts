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

  private readonly handle: number | undefined;

  private constructor(path: string, handle: number | undefined) {
    this.path = path;
    this.handle = handle;
    this.bytes = Bun.mmap(path, { shared: true });
  }

  /**
   * Sets memory up, all zeros. It has no name in the file system, so that nothing stays behind however its processes end; others open it as long as this
   * process lives.
   * @param name No other process may use it.
   * @throws If there is no room. It is all taken now: what only turns out missing when it is used ends a process.
   */
  static create(name: string, size: number): SharedMemory {
    const path = join(existsSync(MEMORY) ? MEMORY : tmpdir(), name);
    const handle = openSync(path, "wx+", 0o600);
    try {
      const zeros = new Uint8Array(Math.min(size, PIECE_BYTES));
      for (let left = size; left > 0; left -= zeros.length) writeSync(handle, zeros, 0, Math.min(left, zeros.length));
      return new SharedMemory(`/proc/${process.pid}/fd/${handle}`, handle);
    } catch (error) {
      closeSync(handle);
      throw error;
    } finally {
      rmSync(path, { force: true });
    }
  }

  /** Opens memory that another process has set up. */
  static open(path: string): SharedMemory {
    return new SharedMemory(path, undefined);
  }

  /** From now on nobody else can open it; processes that have it go on with it. */
  close(): void {
    if (this.handle !== undefined) closeSync(this.handle);
  }
}
