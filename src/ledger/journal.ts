import { closeSync, constants, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type LedgerRecord, RecordEncoder } from "./record.ts";

/** What the journal asks of a disk, so that tests can hand in one that is full, slow or broken. */
export interface JournalDisk {
  /** Makes a file that is not there yet, to be appended to. Returns its handle. */
  create(path: string): number;
  /** Hands bytes to the operating system, which keeps them even if the process is killed. Returns how many it took. */
  write(handle: number, bytes: Uint8Array): number;
  close(handle: number): void;
}

/** The machine's own disk. */
export const systemDisk: JournalDisk = {
  create: (path) => openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND, 0o600),
  write: (handle, bytes) => writeSync(handle, bytes, 0, bytes.length),
  close: (handle) => closeSync(handle),
};

/** How a journal is kept. */
export interface JournalOptions {
  /** Where its segments lie. Made if it is not there. */
  readonly folder: string;
  /** The process's name in the ledger: letters, digits and hyphens; no other process ever has it. */
  readonly owner: string;
  /** Default: the machine's own. */
  readonly disk?: JournalDisk;
  /** When a segment is full and the next begins. Default 8 MiB. */
  readonly segmentBytesMax?: number;
  /** How much is kept in memory while the disk takes nothing. Default 64 MiB. */
  readonly bufferBytesMax?: number;
  /** How long the disk may take nothing before the journal counts as full. Default 30,000. */
  readonly bufferMsMax?: number;
}

/** How long to leave a disk alone that refused. */
const RETRY_MS = 250;

/**
 * An append-only record of what begins and what comes of it: written before an attempt is sent, by the process itself, with nothing between it and the
 * operating system. It lies in segments; whoever reads them (`Drain`) takes those away that are done.
 *
 * When the disk refuses, records wait in memory and go into a *new* segment once it takes them again, since nobody knows what became of the old one's
 * last line. A record that was written twice by that is found out by its key.
 */
export class Journal {
  private readonly options: Required<JournalOptions>;
  private readonly encoder = new RecordEncoder();
  private handle: number | undefined;
  private segments = 0;
  private segmentBytes = 0;
  private waiting: Uint8Array[] = [];
  private waitingBytes = 0;
  private failedSinceMs: number | undefined;
  private retryAtMs = 0;
  /** Why the disk last refused; undefined while it does not. */
  failure: unknown;
  /** All bytes that the disk took, in this process's life. */
  bytesWritten = 0;
  /** Records that there was no room for. */
  lost = 0;

  constructor(options: JournalOptions) {
    this.options = { disk: systemDisk, segmentBytesMax: 8 << 20, bufferBytesMax: 64 << 20, bufferMsMax: 30_000, ...options };
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  }

  /** Whether another record would find room. */
  hasRoom(nowMs: number): boolean {
    if (this.failedSinceMs === undefined) return true;
    if (nowMs >= this.retryAtMs) this.retry(nowMs);
    if (this.failedSinceMs === undefined) return true;
    return this.waitingBytes < this.options.bufferBytesMax && nowMs - this.failedSinceMs < this.options.bufferMsMax;
  }

  /**
   * Writes a record. On the hot path, twice per attempt: one line of JSON and one write(2), 4 to 8 µs. Never throws.
   * @returns False if the disk refuses and memory is full as well, so that the record is lost. It is counted.
   */
  append(record: LedgerRecord, nowMs: number): boolean {
    const line = this.encoder.encode(record);
    if (this.failedSinceMs !== undefined && nowMs >= this.retryAtMs) this.retry(nowMs);
    if (this.failedSinceMs === undefined) {
      if (this.write(line)) return true;
      this.failedSinceMs = nowMs;
      this.retryAtMs = nowMs + RETRY_MS;
    }
    // Beyond the time new attempts are not let in any more, but what ended meanwhile is still taken down.
    if (this.waitingBytes + line.length > this.options.bufferBytesMax) {
      this.lost++;
      return false;
    }
    this.waiting.push(line.slice());
    this.waitingBytes += line.length;
    return true;
  }

  /** Tries the disk again if it refused last time. */
  retry(nowMs: number): void {
    if (this.failedSinceMs === undefined) return;
    this.retryAtMs = nowMs + RETRY_MS;
    let done = 0;
    while (done < this.waiting.length && this.write(this.waiting[done]!)) done++; // Below its length.
    for (const line of this.waiting.splice(0, done)) this.waitingBytes -= line.length;
    if (this.waiting.length > 0) return;
    this.failedSinceMs = undefined;
    this.failure = undefined;
  }

  /** Ends the current segment. What still waits in memory is tried once more. */
  close(nowMs: number): void {
    this.retry(nowMs);
    this.rotate();
  }

  private write(line: Uint8Array): boolean {
    const { disk, folder, owner, segmentBytesMax } = this.options;
    if (this.segmentBytes >= segmentBytesMax) this.rotate();
    try {
      this.handle ??= disk.create(join(folder, segmentName(owner, this.segments++)));
      const taken = disk.write(this.handle, line);
      this.segmentBytes += taken;
      this.bytesWritten += taken;
      if (taken === line.length) return true;
      this.failure = new Error(`The disk took ${taken} of ${line.length} bytes.`);
    } catch (error) {
      this.failure = error;
    }
    this.rotate();
    return false;
  }

  private rotate(): void {
    const { handle } = this;
    this.handle = undefined;
    this.segmentBytes = 0;
    if (handle === undefined) return;
    try {
      this.options.disk.close(handle);
    } catch {
      // A disk that does not even close has been told of by the write before.
    }
  }
}

const SEGMENT = /^(.+)\.(\d{8})\.journal$/;

/** Segments of a process sort by name as they were written. */
export function segmentName(owner: string, number: number): string {
  return `${owner}.${String(number).padStart(8, "0")}.journal`;
}

/** Whose segment a file is; undefined if it is none. */
export function ownerOf(name: string): string | undefined {
  return SEGMENT.exec(name)?.[1];
}
