/** A message may be this long, headers and all. 16 MiB, as AWS has it. */
export const AWS_MESSAGE_BYTES_MAX: number = 16 * 1024 * 1024;

/** Lengths of the message and of its headers, and the checksum of both. */
const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
const EMPTY = new Uint8Array();
const text = new TextDecoder();

/** How many bytes the value of a header has, by its type; -1: it says so itself, in two bytes. */
const VALUE_BYTES: readonly number[] = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16];
const STRING = 7;

/**
 * Finds the messages in an AWS event stream that is cut anywhere. Both checksums of each are looked at.
 *
 * `type` is the name of an event; of what is no event it is `exception:` or `error:` and its name, and an error's data is its bare text.
 * https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html#streaming-event-stream
 */
export class AwsEventStreamReader {
  /** What the message is a part of, its payload from `dataStart` to `dataEnd`. Stays as it is until the next `push`. */
  data: Uint8Array = EMPTY;
  dataStart = 0;
  dataEnd = 0;
  type = "";
  /** Whether a message is longer than allowed. None is found after that. */
  tooLong = false;
  /** What is wrong with the bytes, if anything is. No message is found after that. */
  broken: string | undefined;

  /** What was not read yet, from `start` to `end`: the latest chunk itself, or a buffer of our own that may be longer. */
  private bytes: Uint8Array = EMPTY;
  private start = 0;
  private end = 0;
  private inOwned = false;

  /** Takes the next bytes. They must not change afterwards. */
  push(chunk: Uint8Array): void {
    const rest = this.end - this.start;
    if (rest === 0) {
      this.bytes = chunk;
      this.inOwned = false;
      this.start = 0;
      this.end = chunk.length;
      return;
    }
    if (!this.inOwned || this.end + chunk.length > this.bytes.length) this.move(rest, chunk.length);
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
  }

  /** Goes to the next message that is complete. */
  next(): boolean {
    const length = this.lengthOfNext();
    if (length === undefined || this.end - this.start < length) return false;
    const { bytes, start } = this;
    const message = bytes.subarray(start, start + length);
    const view = viewOf(message);
    if (Bun.hash.crc32(message.subarray(0, -CHECKSUM_BYTES)) !== view.getUint32(length - CHECKSUM_BYTES))
      return this.fail("its checksum is wrong");
    const headersEnd = PRELUDE_BYTES + view.getUint32(4);
    this.data = message;
    this.dataStart = headersEnd;
    this.dataEnd = length - CHECKSUM_BYTES;
    this.start += length;
    return this.readHeaders(message, headersEnd);
  }

  /** Nothing is ever handed on as it is. */
  take(): Uint8Array {
    return EMPTY;
  }

  /** Takes the end of the bytes. `scrap`: the last message broke off. */
  finish(): "nothing" | "scrap" {
    return this.start === this.end ? "nothing" : "scrap";
  }

  /** How long the message is that comes next, as soon as that is known and can be believed. */
  private lengthOfNext(): number | undefined {
    if (this.tooLong || this.broken !== undefined || this.end - this.start < PRELUDE_BYTES) return undefined;
    const prelude = this.bytes.subarray(this.start, this.start + PRELUDE_BYTES);
    const view = viewOf(prelude);
    const [length, headersLength] = [view.getUint32(0), view.getUint32(4)];
    if (Bun.hash.crc32(prelude.subarray(0, 8)) !== view.getUint32(8)) this.fail("the checksum of its lengths is wrong");
    else if (headersLength > length - PRELUDE_BYTES - CHECKSUM_BYTES) this.fail("its lengths make no sense");
    else if (length > AWS_MESSAGE_BYTES_MAX) this.tooLong = true;
    else return length;
    return undefined;
  }

  private readHeaders(message: Uint8Array, headersEnd: number): boolean {
    const headers = new Map<string, readonly [start: number, end: number]>();
    let at = PRELUDE_BYTES;
    while (at < headersEnd) {
      const nameEnd = at + 1 + message[at]!; // Below `headersEnd`, and so are those that follow, or the check below finds out.
      const name = text.decode(message.subarray(at + 1, nameEnd));
      const type = message[nameEnd] ?? -1;
      let start = nameEnd + 1;
      let length = VALUE_BYTES[type];
      if (length === -1) {
        length = ((message[start] ?? 0) << 8) | (message[start + 1] ?? 0);
        start += 2;
      }
      if (length === undefined || start + length > headersEnd) return this.fail("its headers make no sense");
      at = start + length;
      if (type === STRING) headers.set(name, [start, at]);
    }
    const textIn = (name: string): string => text.decode(message.subarray(...(headers.get(name) ?? [0, 0])));
    switch (textIn(":message-type")) {
      case "event":
        this.type = textIn(":event-type");
        return true;
      case "exception":
        this.type = `exception:${textIn(":exception-type")}`;
        return true;
      case "error":
        this.type = `error:${textIn(":error-code")}`;
        [this.dataStart, this.dataEnd] = headers.get(":error-message") ?? [0, 0];
        return true;
      default:
        return this.fail("it does not say what it is");
    }
  }

  private fail(why: string): false {
    this.broken = `a message of its event stream is broken: ${why}`;
    return false;
  }

  /** Moves what was not read to a buffer of our own with room for as much again, so that no byte is copied often. */
  private move(rest: number, more: number): void {
    const roomier = new Uint8Array(Math.max(1024, 2 * (rest + more)));
    roomier.set(this.bytes.subarray(this.start, this.end));
    this.bytes = roomier;
    this.inOwned = true;
    this.start = 0;
    this.end = rest;
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
