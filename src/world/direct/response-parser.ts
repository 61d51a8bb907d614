import { MalformedResponse } from "./malformed-response.ts";
import { ResponseHead } from "./response-head.ts";

const LF = 10;
const CR = 13;
const SEMICOLON = 59;

const HEAD_END: Buffer = Buffer.from("\r\n\r\n");
const HEAD_BYTES_MAX = 64 * 1024;
/** Of a chunk's size, with whatever extension stands behind it; and of all trailers together. */
const LINE_BYTES_MAX = 4 * 1024;
const TRAILER_BYTES_MAX = 16 * 1024;
/** Thirteen digits are 52 bits. */
const SIZE_DIGITS_MAX = 13;
/** `100 Continue`, `103 Early Hints` and the like; more of them than this is a server gone mad. */
const INTERIM_MAX = 16;

/** Takes a response piece by piece, in this order: one head, any number of pieces of the body, one end. */
export interface ResponseSink {
  onHead(head: ResponseHead): void;
  /** Never empty. The bytes are the sink's from now on. */
  onBody(bytes: Buffer): void;
  onEnd(): void;
}

type Phase =
  | "head"
  | "length"
  | "until-close"
  | "size"
  | "extension"
  | "size-lf"
  | "data"
  | "data-cr"
  | "data-lf"
  | "trailer"
  | "trailer-lf"
  | "over";

/**
 * Reads HTTP/1 responses, one after the other, from bytes that may be cut anywhere. Strict: what two readers could understand differently is refused.
 * On the hot path; a response that comes at once costs its head's text and one view of the bytes.
 */
export class ResponseParser {
  private readonly sink: ResponseSink;
  private phase: Phase = "head";
  private interims = 0;
  /** A head that has not come to its end: the first `partialBytes` of it. */
  private partial: Buffer | undefined;
  private partialBytes = 0;
  /** Bytes to come of a body or a chunk. */
  private left = 0;
  /** Characters of the size, the extension or the trailers so far. */
  private lineBytes = 0;
  /** Of the trailer's line that is being read. */
  private isLineEmpty = true;

  constructor(sink: ResponseSink) {
    this.sink = sink;
  }

  /** Begins with the next response. */
  reset(): void {
    this.phase = "head";
    this.interims = 0;
    this.partial = undefined;
  }

  /** Whether the body goes on until the connection ends. */
  get endsWithConnection(): boolean {
    return this.phase === "until-close";
  }

  /**
   * Takes the next bytes; they are the parser's from now on, and it writes in them.
   * @returns Whether there was anything behind the response's end.
   * @throws {MalformedResponse} The sink hears nothing more after that.
   */
  push(bytes: Buffer): boolean {
    let from = 0;
    while (this.phase === "head") {
      from = this.readHead(bytes, from);
      if (from < 0) return false;
    }
    switch (this.phase) {
      case "length":
        return this.readLength(bytes, from);
      case "until-close":
        if (from < bytes.length) this.sink.onBody(from === 0 ? bytes : bytes.subarray(from));
        return false;
      case "over":
        return from < bytes.length;
      default:
        return this.readChunks(bytes, from);
    }
  }

  /** Where the body begins; -1 if the head is not complete. */
  private readHead(bytes: Buffer, from: number): number {
    if (this.partial !== undefined) return this.readOnHead(this.partial, bytes, from);
    const end = bytes.indexOf(HEAD_END, from);
    if (end < 0) {
      if (from === bytes.length) return -1;
      this.keepHead(bytes.subarray(from));
      return -1;
    }
    if (end - from > HEAD_BYTES_MAX) throw new MalformedResponse("the head is too long");
    this.begin(bytes.toString("latin1", from, end + 2));
    return end + 4;
  }

  private keepHead(bytes: Buffer): void {
    if (bytes.length > HEAD_BYTES_MAX) throw new MalformedResponse("the head is too long");
    this.partial = Buffer.allocUnsafe(Math.max(1024, bytes.length * 2));
    this.partialBytes = bytes.copy(this.partial);
    checkHeadSoFar(this.partial, 0, this.partialBytes);
  }

  private readOnHead(partial: Buffer, bytes: Buffer, from: number): number {
    // Three bytes of the end may have come before.
    const seam = Math.max(this.partialBytes - 3, 0);
    const taken = Math.min(bytes.length - from, HEAD_BYTES_MAX + 4 - this.partialBytes);
    const length = this.partialBytes + taken;
    let grown = partial;
    if (length > partial.length) {
      grown = Buffer.allocUnsafe(length * 2);
      partial.copy(grown, 0, 0, this.partialBytes);
    }
    bytes.copy(grown, this.partialBytes, from, from + taken);
    const end = grown.subarray(0, length).indexOf(HEAD_END, seam);
    if (end < 0) {
      if (length >= HEAD_BYTES_MAX + 4) throw new MalformedResponse("the head is too long");
      checkHeadSoFar(grown, this.partialBytes, length);
      this.partial = grown;
      this.partialBytes = length;
      return -1;
    }
    const before = this.partialBytes;
    this.partial = undefined;
    this.begin(grown.toString("latin1", 0, end + 2));
    return from + end + 4 - before;
  }

  private begin(text: string): void {
    const head = new ResponseHead(text);
    if (head.status < 200) {
      if (head.status === 101) throw new MalformedResponse("nobody asked for another protocol");
      if (++this.interims > INTERIM_MAX) throw new MalformedResponse("the head never comes");
      return;
    }
    this.sink.onHead(head);
    if (head.status === 204 || head.status === 304 || head.length === 0) this.finish();
    else if (head.isChunked) this.expect("size");
    else if (head.length === undefined) this.phase = "until-close";
    else {
      this.phase = "length";
      this.left = head.length;
    }
  }

  private readLength(bytes: Buffer, from: number): boolean {
    const length = Math.min(bytes.length - from, this.left);
    this.left -= length;
    if (length > 0) this.sink.onBody(from === 0 && length === bytes.length ? bytes : bytes.subarray(from, from + length));
    if (this.left > 0) return false;
    this.finish();
    return from + length < bytes.length;
  }

  /**
   * Hands on what the chunks in these bytes hold in one piece: it is moved together where it lies. Streams come as a chunk for each event, and whoever reads
   * them works by the piece.
   */
  private readChunks(bytes: Buffer, from: number): boolean {
    const { length } = bytes;
    let at = from;
    let start = -1;
    let end = -1;
    try {
      while (at < length && this.phase !== "over") {
        if (this.phase !== "data") {
          this.readBetween(bytes[at++]!); // Below `length`.
          continue;
        }
        const taken = Math.min(length - at, this.left);
        if (start < 0) {
          start = at;
          end = at + taken;
        } else {
          bytes.copyWithin(end, at, at + taken);
          end += taken;
        }
        at += taken;
        this.left -= taken;
        if (this.left === 0) this.phase = "data-cr";
      }
    } finally {
      // Also when nonsense follows: what came before it is good.
      if (start >= 0) this.sink.onBody(start === 0 && end === length ? bytes : bytes.subarray(start, end));
    }
    if (this.phase !== "over") return false;
    this.sink.onEnd();
    return at < length;
  }

  /** One byte of what stands around the chunks. */
  private readBetween(byte: number): void {
    switch (this.phase) {
      case "size":
        this.readSize(byte);
        return;
      case "extension":
        if (byte === CR) this.phase = "size-lf";
        else if (isControl(byte) || ++this.lineBytes > LINE_BYTES_MAX) throw new MalformedResponse("a chunk's extension is none");
        return;
      case "size-lf":
        if (byte !== LF) throw new MalformedResponse("a chunk's size does not end");
        if (this.left > 0) this.phase = "data";
        else {
          this.expect("trailer");
          this.isLineEmpty = true;
        }
        return;
      case "data-cr":
        if (byte !== CR) throw new MalformedResponse("a chunk is longer than its size");
        this.phase = "data-lf";
        return;
      case "data-lf":
        if (byte !== LF) throw new MalformedResponse("a chunk is longer than its size");
        this.expect("size");
        return;
      case "trailer":
        if (byte === CR) this.phase = "trailer-lf";
        else if (isControl(byte) || ++this.lineBytes > TRAILER_BYTES_MAX) throw new MalformedResponse("the trailers are none");
        else this.isLineEmpty = false;
        return;
      case "trailer-lf":
        if (byte !== LF) throw new MalformedResponse("a trailer does not end");
        this.phase = this.isLineEmpty ? "over" : "trailer";
        this.isLineEmpty = true;
        return;
    }
  }

  private readSize(byte: number): void {
    const digit = digitOf(byte);
    if (digit >= 0) {
      if (++this.lineBytes > SIZE_DIGITS_MAX) throw new MalformedResponse("a chunk is too long");
      this.left = this.left * 16 + digit;
      return;
    }
    if (this.lineBytes === 0) throw new MalformedResponse("a chunk has no size");
    if (byte === CR) this.phase = "size-lf";
    else if (byte === SEMICOLON) this.phase = "extension";
    else throw new MalformedResponse("a chunk's size is not a number");
  }

  private expect(phase: "size" | "trailer"): void {
    this.phase = phase;
    this.left = 0;
    this.lineBytes = 0;
  }

  private finish(): void {
    this.phase = "over";
    this.sink.onEnd();
  }
}

/** Refuses at once what can not become a head: else one would wait for an end that never comes. */
function checkHeadSoFar(bytes: Buffer, from: number, to: number): void {
  for (let at = 0; at < Math.min(to, START.length); at++)
    if (bytes[at] !== START[at]) throw new MalformedResponse("the status line is not that of HTTP/1");
  for (let at = from; at < to; at++) {
    if (bytes[at] === LF && bytes[at - 1] !== CR) throw new MalformedResponse("a line of the head ends without a CR");
  }
}

const START: Buffer = Buffer.from("HTTP/1.");

function digitOf(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const small = byte | 32;
  return small >= 97 && small <= 102 ? small - 87 : -1;
}

function isControl(byte: number): boolean {
  return (byte < 32 && byte !== 9) || byte === 127;
}
