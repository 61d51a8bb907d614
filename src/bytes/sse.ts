/** What is left when the bytes of a stream have come to their end. */
export type SseRest =
  /** Nothing that means anything. */
  | "nothing"
  /** An event that only lacks its blank line; it can be looked at as if `next` had found it. */
  | "event"
  /** The beginning of a line that means nothing yet. */
  | "scrap";

/** An event may be this long if nobody says otherwise, its comments and unknown fields included. 4 MiB. */
export const SSE_EVENT_BYTES_MAX: number = 4 * 1024 * 1024;

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;
const EMPTY = new Uint8Array();
const LF_BYTES = new Uint8Array([LF]);
const DATA: Uint8Array = Buffer.from("data");
const EVENT: Uint8Array = Buffer.from("event");

// A Buffer has a search of its own, for strings too, that is three times as slow.
const { indexOf } = Uint8Array.prototype;

/**
 * Finds the events in a stream of server-sent events, cut anywhere, and copies and decodes as little as it can.
 *
 * `push` bytes, call `next` until it says no, then `take` what may be handed on. All bytes come out as they went in, those of comments, of
 * unknown fields and of line ends too, but for events that are left out. No byte is searched twice, and those of a long event are copied a few times at most, so that single
 * bytes take linear time as well. Bytes that were handed out are never written to again.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export class SseReader {
  /** What the event's data are a part of: its data lines, joined. */
  data: Uint8Array = EMPTY;
  dataStart = 0;
  dataEnd = 0;
  /** Whether an event is longer than allowed. None is found after that. */
  tooLong = false;

  /** What was not taken, and maybe some that was: the latest chunk itself, or what is filled of our own buffer. */
  private bytes: Uint8Array = EMPTY;
  private owned: Uint8Array = EMPTY;
  private inOwned = false;
  /** Up to where bytes were handed out. */
  private taken = 0;
  /** Where the event began that was found or is being looked for; where it ended. The two are the same until it is found. */
  private eventStart = 0;
  private eventEnd = 0;
  private lineStart = 0;
  /** Up to where the line that began at `lineStart` is known not to end. */
  private searched = 0;
  /** Where the next line feed and carriage return are; the end of the bytes if there are none; below `searched` if not known. */
  private lf = -1;
  private cr = -1;
  /** Whether a carriage return was the last byte: a line feed would belong to it. */
  private afterCr = false;
  /** Whether it ended an event that was left out, so that the line feed is left out as well. */
  private leftOut = false;
  private firstLine = true;
  /** Length of the byte order mark before the event. */
  private mark = 0;
  private dataLines = 0;
  private valueStart = 0;
  private valueEnd = 0;
  private typeStart = 0;
  private typeEnd = 0;
  private readonly eventBytesMax: number;

  /** @param eventBytesMax How long an event may be, its comments and unknown fields included. */
  constructor(eventBytesMax: number = SSE_EVENT_BYTES_MAX) {
    this.eventBytesMax = eventBytesMax;
  }

  /** The event's name; empty if it has none. */
  get type(): string {
    if (this.typeStart === this.typeEnd) return "";
    return Buffer.from(this.bytes.subarray(this.typeStart, this.typeEnd)).toString();
  }

  /** Takes the next bytes. They must not change afterwards. */
  push(chunk: Uint8Array): void {
    if (this.taken === this.bytes.length) {
      this.moveTo(chunk, this.taken);
      this.inOwned = false;
    } else this.append(chunk);
    this.lf = -1;
    this.cr = -1;
  }

  /** Goes to the next event that is complete and has data. Hot path: allocates only if the data stand on several lines. */
  next(): boolean {
    if (this.eventEnd > this.eventStart) this.begin(this.eventEnd);
    while (!this.tooLong) {
      this.passLf();
      const lineEnd = this.lineEnd();
      if (lineEnd === this.bytes.length) {
        this.tooLong = lineEnd - this.eventStart > this.eventBytesMax;
        return false;
      }
      const blank = this.readLine(lineEnd);
      this.passLineEnd(lineEnd);
      if (!blank) continue;
      if (this.lineStart - this.eventStart > this.eventBytesMax) this.tooLong = true;
      else if (this.dataLines === 0) this.begin(this.lineStart);
      else {
        this.eventEnd = this.lineStart;
        this.openData();
        return true;
      }
    }
    return false;
  }

  /** Hands out what was not yet, up to the end of the latest event. */
  take(): Uint8Array {
    return this.takeUpTo(this.eventEnd);
  }

  /** Hands out what was not yet, without the latest event. */
  takeBefore(): Uint8Array {
    return this.takeUpTo(this.eventStart);
  }

  /** Hands out what was not yet, without the latest event, which is never handed out either. */
  leaveOut(): Uint8Array {
    const before = this.takeBefore();
    this.taken = this.eventEnd;
    this.leftOut = this.afterCr;
    return before;
  }

  /** Takes the end of the bytes; to be called once, after `next` has said no. */
  finish(): SseRest {
    const { length } = this.bytes;
    if (this.lineStart < length) this.readLine(length);
    this.lineStart = length;
    this.searched = length;
    if (this.dataLines > 0) {
      this.eventEnd = length;
      this.openData();
      return "event";
    }
    for (let at = this.eventStart; at < length; at++) {
      const byte = this.bytes[at];
      if (byte === COLON) return "nothing";
      if (byte !== LF && byte !== CR && byte !== SPACE) return "scrap";
    }
    return "nothing";
  }

  private takeUpTo(end: number): Uint8Array {
    const { bytes, taken } = this;
    if (end <= taken) return EMPTY;
    this.taken = end;
    return taken === 0 && end === bytes.length ? bytes : bytes.subarray(taken, end);
  }

  /** Puts the chunk behind what was not taken, in a buffer of our own. */
  private append(chunk: Uint8Array): void {
    const { bytes, taken, owned } = this;
    const end = bytes.length;
    if (this.inOwned && end + chunk.length <= owned.length) {
      owned.set(chunk, end);
      this.bytes = owned.subarray(0, end + chunk.length);
      return;
    }
    const rest = end - taken;
    // The slack makes the buffer of a growing event twice as long each time; the rest of a mere cut is short, and so is the slack for it.
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
    this.eventStart -= by;
    this.eventEnd -= by;
    this.lineStart -= by;
    this.searched -= by;
    this.valueStart -= by;
    this.valueEnd -= by;
    this.typeStart -= by;
    this.typeEnd -= by;
  }

  private begin(at: number): void {
    this.eventStart = at;
    this.eventEnd = at;
    this.mark = 0;
    this.dataLines = 0;
    this.typeStart = 0;
    this.typeEnd = 0;
  }

  /** Where the line ends that is being read; the end of the bytes if its end is not among them. */
  private lineEnd(): number {
    if (this.lf < this.searched) this.lf = this.find(LF);
    if (this.cr < this.searched) this.cr = this.find(CR);
    this.searched = Math.min(this.lf, this.cr);
    return this.searched;
  }

  private find(byte: number): number {
    const at = indexOf.call(this.bytes, byte, this.searched);
    return at === -1 ? this.bytes.length : at;
  }

  private passLineEnd(lineEnd: number): void {
    const { bytes } = this;
    let at = lineEnd + 1;
    if (bytes[lineEnd] === CR) {
      if (at === bytes.length) this.afterCr = true;
      else if (bytes[at] === LF) at++;
    }
    this.lineStart = at;
    this.searched = at;
  }

  /** The second half of a line end that was cut in two. If an event ended with it, it goes with that event. */
  private passLf(): void {
    const { searched } = this;
    if (!this.afterCr || searched === this.bytes.length) return;
    const { leftOut } = this;
    this.afterCr = false;
    this.leftOut = false;
    if (this.bytes[searched] !== LF) return;
    if (this.eventStart === searched) this.begin(searched + 1);
    if (leftOut) this.taken = searched + 1;
    this.lineStart = searched + 1;
    this.searched = searched + 1;
  }

  /** @returns Whether the line is blank. */
  private readLine(lineEnd: number): boolean {
    const { bytes } = this;
    let start = this.lineStart;
    if (this.firstLine) {
      this.firstLine = false;
      if (bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf) this.mark = 3;
      start += this.mark;
    }
    if (start === lineEnd) return true;
    // The two fields that matter begin with different letters, and comments with neither.
    if (bytes[start] === 0x64) {
      const value = fieldValue(DATA, bytes, start, lineEnd);
      if (value !== -1) {
        this.dataLines++;
        this.valueStart = value;
        this.valueEnd = lineEnd;
      }
    } else if (bytes[start] === 0x65) {
      const value = fieldValue(EVENT, bytes, start, lineEnd);
      if (value !== -1) {
        this.typeStart = value;
        this.typeEnd = lineEnd;
      }
    }
    return false;
  }

  private openData(): void {
    if (this.dataLines === 1) {
      this.data = this.bytes;
      this.dataStart = this.valueStart;
      this.dataEnd = this.valueEnd;
    } else {
      this.data = joinData(this.bytes.subarray(this.eventStart + this.mark, this.eventEnd));
      this.dataStart = 0;
      this.dataEnd = this.data.length;
    }
  }
}

/** Where a field's value begins if the line from `start` to `end` has this name; otherwise -1. */
function fieldValue(name: Uint8Array, bytes: Uint8Array, start: number, end: number): number {
  const nameEnd = start + name.length;
  if (nameEnd > end) return -1;
  for (let index = 0; index < name.length; index++) if (bytes[start + index] !== name[index]) return -1;
  if (nameEnd === end) return end;
  if (bytes[nameEnd] !== COLON) return -1;
  return nameEnd + 1 < end && bytes[nameEnd + 1] === SPACE ? nameEnd + 2 : nameEnd + 1;
}

/** Joins the data lines of one event. Rare: no provider of today sends more than one. */
function joinData(event: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  let start = 0;
  while (start < event.length) {
    let end = start;
    while (end < event.length && event[end] !== LF && event[end] !== CR) end++;
    const value = fieldValue(DATA, event, start, end);
    if (value !== -1) {
      if (pieces.length > 0) pieces.push(LF_BYTES);
      pieces.push(event.subarray(value, end));
    }
    start = end + 1;
  }
  return Buffer.concat(pieces);
}
