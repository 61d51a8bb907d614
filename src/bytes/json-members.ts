/** Where one member of an object stands. */
export interface JsonMember {
  /** Its name as it is written, without its quotes. */
  readonly name: string;
  /** Where its value begins. */
  readonly start: number;
  /** Where its value ends (exclusive), without blanks behind it. */
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;

/**
 * Lists the members of an object that was found well-formed already; what is within their values is passed over.
 * @returns undefined if it is no object, or has a name that is written with escapes or stands there twice: two readers may take it for different things.
 */
export function jsonMembers(bytes: Uint8Array): JsonMember[] | undefined {
  let at = pastBlanks(bytes, 0);
  if (bytes[at] !== OPEN_BRACE) return undefined;
  const members: JsonMember[] = [];
  const names = new Set<string>();
  at = pastBlanks(bytes, at + 1);
  while (at < bytes.length && bytes[at] === QUOTE) {
    const nameEnd = bytes.indexOf(QUOTE, at + 1);
    const name = Buffer.from(bytes.buffer, bytes.byteOffset + at + 1, nameEnd - at - 1).toString("utf8");
    if (nameEnd < 0 || name.includes("\\") || names.has(name)) return undefined;
    names.add(name);
    at = pastBlanks(bytes, nameEnd + 1);
    if (bytes[at] !== COLON) return undefined;
    const start = pastBlanks(bytes, at + 1);
    const end = valueEnd(bytes, start);
    members.push({ name, start, end });
    at = pastBlanks(bytes, end);
    if (bytes[at] !== COMMA) break;
    at = pastBlanks(bytes, at + 1);
  }
  return bytes[at] === CLOSE_BRACE ? members : undefined;
}

function pastBlanks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at]! <= 0x20) at++; // Below the length.
  return at;
}

function valueEnd(bytes: Uint8Array, start: number): number {
  let depth = 0;
  let at = start;
  for (; at < bytes.length; at++) {
    const byte = bytes[at]!; // Below the length.
    if (byte === QUOTE) {
      at = stringEnd(bytes, at);
      if (depth === 0) return at + 1;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 0) return at;
      depth--;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (byte === COMMA || byte <= 0x20)) return at;
  }
  return at;
}

/** @returns Where the quote stands that ends the string which begins at `start`. */
function stringEnd(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
