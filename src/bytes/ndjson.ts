/** A line may be this long. 4 MiB. */
export const NDJSON_LINE_BYTES_MAX: number = 4 * 1024 * 1024;

const LF = 0x0a;
const SPACE = 0x20;
const EMPTY = new Uint8Array();

// A Buffer has a search of its own that is three times as slow.
const { indexOf } = Uint8Array.prototype;

/**
 * Finds the lines in a stream of newline-delimited JSON that is cut anywhere. Blank lines mean nothing.
 *
 * `push` bytes, call `next` until it says no, then `take` what may be handed on. All bytes come out as they went in. No byte is searched
 * twice, and those of a long line are copied a few times at most. Bytes that were handed out are never written to again.
 */
export class NdjsonReader {
  /** What the line is a part of, from `dataStart` to `dataEnd`; its line end is left out. */
  data: Uint8Array = EMPTY;
  dataStart = 0;
  dataEnd = 0;
  /** Lines have no names. */
  readonly type: string = "";
  /** Whether a line is longer than allowed. None is found after that. */
  tooLong = false;

  /** What was not taken: the latest chunk itself, or what is filled of our own buffer. */
  private bytes: Uint8Array = EMPTY;
  private owned: Uint8Array = EMPTY;
  private inOwned = false;
  /** Up to where bytes were handed out. */
  private taken = 0;
  /** Where the latest line began that was found, and where it ended, its line end included. */
  private foundStart = 0;
  private foundEnd = 0;
  /** Where the line begins that is being looked for, and up to where it is known not to end. */
  private lineStart = 0;
  private searched = 0;

  /** Takes the next bytes. They must not change afterwards. */
  push(chunk: Uint8Array): void {
    if (this.taken === this.bytes.length) {
      this.moveTo(chunk, this.taken);
      this.inOwned = false;
    } else this.append(chunk);
  }

  /** Goes to the next line that is complete and not blank. Hot path: allocates nothing. */
  next(): boolean {
    const { bytes } = this;
    while (!this.tooLong) {
      const at = indexOf.call(bytes, LF, this.searched);
      const lineEnd = at === -1 ? bytes.length : at;
      this.tooLong = lineEnd - this.lineStart > NDJSON_LINE_BYTES_MAX;
      this.searched = lineEnd;
      if (at === -1 || this.tooLong) return false;
      const start = this.lineStart;
      this.lineStart = lineEnd + 1;
      this.searched = lineEnd + 1;
      if (isBlank(bytes, start, lineEnd)) continue;
      this.open(start, lineEnd, lineEnd + 1);
      return true;
    }
    return false;
  }

  /** Hands out what was not yet, up to the end of the latest line. */
  take(): Uint8Array {
    return this.takeUpTo(this.foundEnd);
  }

  /** Hands out what was not yet, without the latest line. */
  takeBefore(): Uint8Array {
    return this.takeUpTo(this.foundStart);
  }

  /** Takes the end of the bytes; to be called once, after `next` has said no. `event`: a line that only lacks its end, or broke off. */
  finish(): "nothing" | "event" {
    const { length } = this.bytes;
    if (isBlank(this.bytes, this.lineStart, length)) return "nothing";
    this.open(this.lineStart, length, length);
    this.lineStart = length;
    this.searched = length;
    return "event";
  }

  private open(start: number, end: number, foundEnd: number): void {
    this.data = this.bytes;
    this.dataStart = start;
    this.dataEnd = end;
    this.foundStart = start;
    this.foundEnd = foundEnd;
  }

  private takeUpTo(end: number): Uint8Array {
    const { bytes, taken } = this;
    if (end <= taken) return EMPTY;
    this.taken = end;
    return taken === 0 && end === bytes.length ? bytes : bytes.subarray(taken, end);
  }

  /** Puts the chunk behind what was not taken, in a buffer of our own that grows to twice its length each time. */
  private append(chunk: Uint8Array): void {
    const { bytes, taken, owned } = this;
    const end = bytes.length;
    if (this.inOwned && end + chunk.length <= owned.length) {
      owned.set(chunk, end);
      this.bytes = owned.subarray(0, end + chunk.length);
      return;
    }
    const rest = end - taken;
    const roomier = Buffer.allocUnsafeSlow(rest + chunk.length + Math.max(rest, 256));
    roomier.set(bytes.subarray(taken, end));
    roomier.set(chunk, rest);
    this.owned = roomier;
    this.inOwned = true;
    this.moveTo(roomier.subarray(0, rest + chunk.length), taken);
  }

  /** From now on `bytes` are others, in which everything stands earlier by `by`. */
  private moveTo(bytes: Uint8Array, by: number): void {
    this.bytes = bytes;
    this.taken -= by;
    this.foundStart -= by;
    this.foundEnd -= by;
    this.lineStart -= by;
    this.searched -= by;
  }
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! > SPACE) return false; // Below `end`.
  return true;
}
