import { isUtf8 } from "node:buffer";

/** Why bytes are no JSON object that we take. */
export class JsonFault extends Error {
  override readonly name = "JsonFault";
  /** Where, in bytes from the beginning of what was scanned. */
  readonly offset: number;

  constructor(what: string, offset: number) {
    super(`${what} (byte ${offset})`);
    this.offset = offset;
  }
}

/** Containers within containers; the root is the first. Beyond that somebody wants to see our stack, or a provider's. */
export const JSON_DEPTH_MAX = 128;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** From this size on bytes are looked at four at a time; below, making the view costs more than it saves: it first makes a buffer of its own of the bytes. */
const WORDS_BYTES_MIN = 8192;
/** So many bytes of a string are read one by one before the runtime's search is called, since most keys and many values end within them. */
const STEP_BYTES = 16;

/** What to look for below one container. */
interface Watch {
  readonly names: Buffer[];
  /** A bit for each length (modulo 32) of the names: most other keys are told by it. */
  lengths: number;
  readonly slots: number[];
  readonly members: (Watch | undefined)[];
  elementSlot: number;
  elements: Watch | undefined;
}

/**
 * Reads a JSON object as bytes, to the end and without making objects of it, and notes where the values stand that it was told to watch.
 * What it takes is well-formed in every byte. Made once per set of paths; each scan overwrites what the one before found.
 */
export class JsonScanner {
  /** What the latest scan found, in the order of the text: triples of the path's number, the value's start, and its end (exclusive). */
  readonly found: number[] = [];
  private readonly root: Watch = watch();

  /** @param paths Such as `model`, `error.code`, `choices[].index`. At most 31 of them begin with different keys. */
  constructor(...paths: readonly string[]) {
    for (const [slot, path] of paths.entries()) this.add(path, slot);
  }

  private add(path: string, slot: number): void {
    let at = this.root;
    const steps = path.replaceAll("[]", ".[]").split(".");
    for (const [index, step] of steps.entries()) {
      const last = index === steps.length - 1;
      if (step === "[]") {
        at.elements ??= watch();
        if (last) at.elementSlot = slot;
        at = at.elements;
        continue;
      }
      let row = at.names.findIndex((name) => name.equals(Buffer.from(step)));
      if (row === -1) {
        const name = Buffer.from(step);
        row = at.names.push(name) - 1;
        at.lengths |= 1 << (name.length & 31);
        at.slots.push(-1);
        at.members.push(undefined);
      }
      if (last) at.slots[row] = slot;
      else {
        at.members[row] ??= watch();
        at = at.members[row]!; // Made in the line above.
      }
    }
  }

  /**
   * Scans one object; white space may stand around it, and nothing else. Hot path: allocates nothing but a view of large texts.
   *
   * It is one long function so that its state stays in local variables. Its cost stands in `bench/micro/bytes.ts`, its plain twin in the tests.
   *
   * @returns How many numbers of `found` are this scan's.
   * @throws {JsonFault} Also if a watched key of the root comes twice, or a watched key is written with escapes.
   */
  scan(bytes: Uint8Array, from: number = 0, to: number = bytes.length): number {
    const { found } = this;
    let count = 0;
    begin(bytes, from, to);
    let at = skip(bytes, from, to);
    if (at === to || bytes[at] !== OPEN_OBJECT) throw noObject(bytes, from, at, to);
    let depth = 0;
    let close = CLOSE_OBJECT;
    let watched: Watch | undefined = this.root;
    let seenKeys = 0;
    let first = true;
    CLOSES[0] = close;
    WATCHED[0] = watched;
    ENDS[0] = -1;
    at++;
    for (;;) {
      at = skip(bytes, at, to);
      let byte = at < to ? bytes[at]! : -1; // Below `to`, which is within the bytes. So are all others in this function.
      if (!first || byte !== close) {
        first = false;
        let slot = -1;
        let within: Watch | undefined;
        if (close === CLOSE_OBJECT) {
          if (byte !== QUOTE) throw unexpected("a key", bytes, from, at, to);
          const start = at + 1;
          const end = stringEnd(bytes, start, to);
          if (watched !== undefined) {
            if (text.escape >= start) refuseEscaped(watched, bytes, start, end, from);
            const row: number = (watched.lengths & (1 << ((end - start) & 31))) === 0 ? -1 : find(watched, bytes, start, end);
            if (row !== -1) {
              if (depth === 0) {
                if ((seenKeys & (1 << row)) !== 0) throw new JsonFault(`the key ${quoted(bytes, start, end)} comes twice`, at - from);
                seenKeys |= 1 << row;
              }
              slot = watched.slots[row]!; // `row` is one of its rows.
              within = watched.members[row];
            }
          }
          at = skip(bytes, end + 1, to);
          if (at >= to || bytes[at] !== COLON) throw unexpected("a colon", bytes, from, at, to);
          at = skip(bytes, at + 1, to);
          byte = at < to ? bytes[at]! : -1;
        } else if (watched !== undefined) {
          slot = watched.elementSlot;
          within = watched.elements;
        }
        let end: number;
        if (byte === QUOTE) end = stringEnd(bytes, at + 1, to) + 1;
        else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
          if (++depth === JSON_DEPTH_MAX) throw new JsonFault(`it is nested deeper than ${JSON_DEPTH_MAX} levels`, at - from);
          close = byte === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY;
          watched = within;
          CLOSES[depth] = close;
          WATCHED[depth] = within;
          ENDS[depth] = -1;
          if (slot !== -1) {
            found[count] = slot;
            found[count + 1] = at;
            ENDS[depth] = count + 2;
            count += 3;
          }
          first = true;
          at++;
          continue;
        } else if (byte === MINUS || (byte >= 0x30 && byte <= 0x39)) end = numberEnd(bytes, from, at, to);
        else end = literalEnd(bytes, from, at, to);
        if (slot !== -1) {
          found[count] = slot;
          found[count + 1] = at;
          found[count + 2] = end;
          count += 3;
        }
        at = end;
      }
      // After a value: a comma, or the end of one container after the other.
      for (;;) {
        at = skip(bytes, at, to);
        byte = at < to ? bytes[at]! : -1;
        if (byte === COMMA) {
          at++;
          first = false;
          break;
        }
        if (byte !== close) throw unexpected(close === CLOSE_OBJECT ? 'a comma or "}"' : 'a comma or "]"', bytes, from, at, to);
        at++;
        const slot = ENDS[depth]!; // The stack is as deep as `depth` may be.
        if (slot !== -1) found[slot] = at;
        if (depth === 0) {
          at = skip(bytes, at, to);
          if (at !== to) throw new JsonFault("something follows after its end", at - from);
          checkUtf8(bytes, from, to);
          return count;
        }
        depth--;
        close = CLOSES[depth]!;
        watched = WATCHED[depth];
      }
    }
  }
}

// The scanner's stack. Shared by all scanners, since no scan begins before another has ended.
const CLOSES = new Uint8Array(JSON_DEPTH_MAX);
const ENDS = new Int32Array(JSON_DEPTH_MAX);
const WATCHED: (Watch | undefined)[] = new Array(JSON_DEPTH_MAX).fill(undefined);

function watch(): Watch {
  return { names: [], lengths: 0, slots: [], members: [], elementSlot: -1, elements: undefined };
}

/** Goes past white space. */
function skip(bytes: Uint8Array, from: number, to: number): number {
  if (from < to && bytes[from]! > 0x20) return from;
  return skipMore(bytes, from, to);
}

function skipMore(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at++;
  }
  return at;
}

/** What `stringEnd` has to know and to tell besides its arguments: fields, so that nothing is allocated per string. */
const text = {
  from: 0,
  to: 0,
  /** Whether there is no control character anywhere, as in all JSON without indentation: then strings need not look for them. */
  clean: false,
  /** Where the runtime's search has found the next quote and the next backslash; `to` if there is none. */
  quote: 0,
  backslash: 0,
  /** Where the latest escape was; -1 if there was none. */
  escape: -1,
};

function begin(bytes: Uint8Array, from: number, to: number): void {
  text.from = from;
  text.to = to;
  text.clean = to - from >= WORDS_BYTES_MIN ? cleanWords(bytes, from, to) : cleanBytes(bytes, from, to);
  text.quote = -1;
  text.backslash = -1;
  text.escape = -1;
}

/** Whether no byte is below 0x20, four at a time: a lane borrows from its own top bit only when it is. */
function cleanWords(bytes: Uint8Array, from: number, to: number): boolean {
  const { buffer, byteOffset } = bytes;
  const words = new Int32Array(buffer, 0, buffer.byteLength >> 2);
  const wordStart = (byteOffset + from + 3) >> 2;
  const wordEnd = (byteOffset + to) >> 2;
  let hits = 0;
  for (let word = wordStart; word < wordEnd; word++) {
    const lanes = words[word]!; // Below `wordEnd`, which is within the buffer.
    hits |= ((lanes - 0x20202020) | 0) & ~lanes;
  }
  if ((hits & 0x80808080) !== 0) return false;
  return cleanBytes(bytes, from, (wordStart << 2) - byteOffset) && cleanBytes(bytes, (wordEnd << 2) - byteOffset, to);
}

/** Whether no byte is below 0x20; looks for the sign of eight differences at a time. All indexes are below `to`. */
function cleanBytes(bytes: Uint8Array, from: number, to: number): boolean {
  let signs = 0;
  let at = from;
  for (; at + 8 <= to; at += 8) {
    signs |= (bytes[at]! - 32) | (bytes[at + 1]! - 32) | (bytes[at + 2]! - 32) | (bytes[at + 3]! - 32);
    signs |= (bytes[at + 4]! - 32) | (bytes[at + 5]! - 32) | (bytes[at + 6]! - 32) | (bytes[at + 7]! - 32);
  }
  for (; at < to; at++) signs |= bytes[at]! - 32;
  return signs >= 0;
}

/** What a byte is within a string: 0 for plain, 1 for the quote, 2 for the backslash, 3 for a control character. */
const CLASSES = new Uint8Array(256).fill(3, 0, 0x20);
CLASSES[QUOTE] = 1;
CLASSES[BACKSLASH] = 2;

/** Finds the quote that ends a string which begins after the quote before `start`. */
function stringEnd(bytes: Uint8Array, start: number, to: number): number {
  let at = start;
  for (;;) {
    const stop = Math.min(at + STEP_BYTES, to);
    while (at < stop && CLASSES[bytes[at]!] === 0) at++; // Below `to`, as is `at` until the next assignment.
    if (at === stop) {
      if (at === to) throw endless(start);
      at = leap(bytes, start, at);
    }
    const byte = bytes[at]!;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) {
      text.escape = at;
      at = escapeEnd(bytes, at, to);
    } else throw new JsonFault("a string has a control character that is not escaped", at - text.from);
  }
}

// A Buffer has a search of its own, for strings too, that is three times as slow.
const { indexOf } = Uint8Array.prototype;

/** Goes on to the next quote or backslash with the runtime's own search. Both are remembered, so that no byte is searched twice. */
function leap(bytes: Uint8Array, start: number, at: number): number {
  const { to } = text;
  if (text.quote < at) text.quote = next(bytes, QUOTE, at, to);
  if (text.backslash < at) text.backslash = next(bytes, BACKSLASH, at, to);
  if (text.quote === to) throw endless(start);
  const end = Math.min(text.quote, text.backslash);
  return text.clean || cleanBytes(bytes, at, end) ? end : controlAt(bytes, at);
}

function next(bytes: Uint8Array, byte: number, at: number, to: number): number {
  const found = indexOf.call(bytes, byte, at);
  return found === -1 || found > to ? to : found;
}

function controlAt(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at]! >= 0x20) at++; // There is one.
  return at;
}

function endless(start: number): JsonFault {
  return new JsonFault("a string does not end", start - 1 - text.from);
}

function escapeEnd(bytes: Uint8Array, at: number, to: number): number {
  const byte = at + 1 < to ? bytes[at + 1] : -1;
  switch (byte) {
    case 0x22:
    case 0x5c:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return at + 2;
    case 0x75:
      for (let digit = at + 2; digit < at + 6; digit++) {
        if (digit >= to || !isHex(bytes[digit]!)) throw new JsonFault("a string has a broken escape", at - text.from); // Below `to`.
      }
      return at + 6;
    default:
      throw new JsonFault("a string has a broken escape", at - text.from);
  }
}

function isHex(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

function numberEnd(bytes: Uint8Array, from: number, start: number, to: number): number {
  let at = bytes[start] === MINUS ? start + 1 : start;
  if (at < to && bytes[at] === 0x30) at++;
  else at = digitsEnd(bytes, from, at, to);
  if (at < to && bytes[at] === 0x2e) at = digitsEnd(bytes, from, at + 1, to);
  if (at < to && (bytes[at] === 0x65 || bytes[at] === 0x45)) {
    at++;
    if (at < to && (bytes[at] === 0x2b || bytes[at] === MINUS)) at++;
    at = digitsEnd(bytes, from, at, to);
  }
  return at;
}

function digitsEnd(bytes: Uint8Array, from: number, start: number, to: number): number {
  let at = start;
  while (at < to && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++; // Below `to`.
  if (at === start) throw unexpected("a digit", bytes, from, at, to);
  return at;
}

const TRUE: Uint8Array = Buffer.from("true");
const FALSE: Uint8Array = Buffer.from("false");
const NULL: Uint8Array = Buffer.from("null");

function literalEnd(bytes: Uint8Array, from: number, at: number, to: number): number {
  const byte = at < to ? bytes[at] : -1;
  const word = byte === 0x6e ? NULL : byte === 0x74 ? TRUE : FALSE;
  const end = at + word.length;
  if (end <= to && equals(word, bytes, at)) return end;
  throw unexpected("a value", bytes, from, at, to);
}

function equals(word: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < word.length; index++) if (word[index] !== bytes[start + index]) return false;
  return true;
}

function find({ names }: Watch, bytes: Uint8Array, start: number, end: number): number {
  for (let row = 0; row < names.length; row++) {
    const name = names[row]!; // A row.
    if (name.length === end - start && equals(name, bytes, start)) return row;
  }
  return -1;
}

/** A watched key that is spelled with escapes would be read by a provider and not by us, or the other way round. */
function refuseEscaped({ names }: Watch, bytes: Uint8Array, start: number, end: number, from: number): void {
  const key = Buffer.from(JSON.parse(quoted(bytes, start, end))); // A string that was found to be well-formed.
  for (const name of names) {
    if (key.equals(name)) throw new JsonFault(`the key "${name}" must be written without escapes`, start - 1 - from);
  }
}

function quoted(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start - 1, end - start + 2).toString();
}

function unexpected(wanted: string, bytes: Uint8Array, from: number, at: number, to: number): JsonFault {
  if (at >= to) return new JsonFault("it breaks off", to - from);
  const byte = bytes[at]!; // Below `to`.
  const shown = byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte 0x${byte.toString(16).padStart(2, "0")}`;
  return new JsonFault(`${wanted} was expected, not ${shown}`, at - from);
}

function noObject(bytes: Uint8Array, from: number, at: number, to: number): JsonFault {
  if (at === to) return new JsonFault("it is empty", at - from);
  if (bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf)
    return new JsonFault("it begins with a byte order mark", at - from);
  return new JsonFault('it does not begin with "{"', at - from);
}

function checkUtf8(bytes: Uint8Array, from: number, to: number): void {
  const scanned = to - from === bytes.length ? bytes : bytes.subarray(from, to);
  if (isUtf8(scanned)) return;
  // What is invalid is replaced when it is decoded, so the first difference is where it stands.
  const repaired = Buffer.from(Buffer.from(scanned).toString());
  let at = 0;
  while (scanned[at] === repaired[at]) at++;
  throw new JsonFault("it is not UTF-8", at);
}
