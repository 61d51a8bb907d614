import { MalformedResponse } from "./malformed-response.ts";

const HTAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const ZERO = 48;
const NINE = 57;
const COLON = 58;

/** 1 for what may stand in a header's name. */
const TOKEN: Uint8Array = tableOf(/[!#$%&'*+\-.^_`|~0-9A-Za-z]/);
/** 1 for what may stand in a header's value, or in a reason. */
const TEXT: Uint8Array = tableOf(/[\t\x20-\x7e\x80-\xff]/);

/**
 * The head of a response: what the connection has to know of it, and its headers. On the hot path: it keeps the text and looks a header up when it is asked for.
 */
export class ResponseHead {
  readonly status: number;
  /** Whether `content-encoding` and `content-length` are kept to ourselves, since the body is handed on decoded. */
  readonly isEncoded: boolean;
  /** The body's length in bytes, if that was said. */
  readonly length: number | undefined;
  readonly isChunked: boolean;
  /** Whether another request may follow on the connection. */
  readonly keepsAlive: boolean;
  /** How long the server keeps an idle connection, in seconds, if it said so. */
  readonly keepAliveS: number | undefined;
  /** Each line with its CRLF. */
  private readonly text: string;
  private lowerCase: string | undefined;

  /**
   * @param text From the status line up to the last header, each line with its CRLF, a byte for each character.
   * @throws {MalformedResponse} If it is not a proper head, or if it leaves open where the body ends.
   */
  constructor(text: string) {
    this.text = text;
    this.status = statusOf(text);
    let at = endOfText(text, 12) + 2;
    let length: string | undefined;
    let coding: string | undefined;
    let closes = text.charCodeAt(7) === ZERO;
    let keepAliveS: number | undefined;
    let isEncoded = false;
    while (at < text.length) {
      const start = at;
      while (TOKEN[text.charCodeAt(at)] === 1) at++;
      // A line that begins with a space would go on with the value before it: two readers of that differ, so nobody sends it.
      if (at === start || text.charCodeAt(at) !== COLON) throw new MalformedResponse("a header has no proper name");
      const nameEnd = at;
      const end = endOfText(text, at + 1);
      // By their length alone almost all headers are none of these.
      switch (nameEnd - start) {
        case 10:
          if (isNamed(text, start, "connection")) closes = connectionCloses(text, nameEnd, end, closes);
          else if (isNamed(text, start, "keep-alive")) keepAliveS = timeoutOf(trimmed(text, nameEnd + 1, end));
          break;
        case 14:
          if (isNamed(text, start, "content-length")) length = sameAs(length, trimmed(text, nameEnd + 1, end));
          break;
        case 16:
          if (isNamed(text, start, "content-encoding")) isEncoded = true;
          break;
        case 17:
          if (isNamed(text, start, "transfer-encoding")) {
            if (coding !== undefined) throw new MalformedResponse("transfer-encoding comes twice");
            coding = trimmed(text, nameEnd + 1, end).toLowerCase();
          }
          break;
      }
      at = end + 2;
    }
    if (coding !== undefined && coding !== "chunked") throw new MalformedResponse("transfer-encoding is not chunked");
    if (coding !== undefined && length !== undefined) throw new MalformedResponse("both content-length and transfer-encoding are there");
    this.isChunked = coding !== undefined;
    this.length = length === undefined ? undefined : lengthOf(length);
    // HTTP/1.0 knows no chunks: what comes after them is anybody's guess.
    this.keepsAlive = !closes && !(this.isChunked && text.charCodeAt(7) === ZERO);
    this.keepAliveS = keepAliveS;
    this.isEncoded = isEncoded;
  }

  /** The value of a header, in any case; of several the values with a comma between them. */
  get(name: string): string | null {
    const wanted = name.toLowerCase();
    if (this.isEncoded && (wanted === "content-encoding" || wanted === "content-length")) return null;
    return this.read(wanted);
  }

  /** What `content-encoding` says, in lower case, also though `get` hides it. */
  get contentEncoding(): string | undefined {
    return this.isEncoded ? this.read("content-encoding")?.toLowerCase() : undefined;
  }

  private read(wanted: string): string | null {
    // Lower case has as many characters as before: all of them are of one byte.
    this.lowerCase ??= this.text.toLowerCase();
    const { lowerCase, text } = this;
    let found: string | null = null;
    for (let at = lowerCase.indexOf(wanted); at > 0; at = lowerCase.indexOf(wanted, at + 1)) {
      const end = at + wanted.length;
      if (lowerCase.charCodeAt(at - 1) !== LF || lowerCase.charCodeAt(end) !== COLON) continue;
      const value = trimmed(text, end + 1, text.indexOf("\r\n", end));
      found = found === null ? value : `${found}, ${value}`;
    }
    return found;
  }
}

function statusOf(text: string): number {
  const minor = text.charCodeAt(7);
  const after = text.charCodeAt(12);
  if (!text.startsWith("HTTP/1.") || (minor !== ZERO && minor !== ZERO + 1) || text.charCodeAt(8) !== SPACE)
    throw new MalformedResponse("the status line is not that of HTTP/1");
  const status = (text.charCodeAt(9) - ZERO) * 100 + (text.charCodeAt(10) - ZERO) * 10 + text.charCodeAt(11) - ZERO;
  const isNumber = isDigit(text.charCodeAt(9)) && isDigit(text.charCodeAt(10)) && isDigit(text.charCodeAt(11));
  if (!isNumber || status < 100 || (after !== SPACE && after !== CR)) throw new MalformedResponse("the status is not a number");
  return status;
}

/** Where the line that `at` stands in ends; what is up to there was looked at. */
function endOfText(text: string, at: number): number {
  let end = at;
  while (TEXT[text.charCodeAt(end)] === 1) end++;
  if (text.charCodeAt(end) !== CR || text.charCodeAt(end + 1) !== LF)
    throw new MalformedResponse("a header has characters that none may have");
  return end;
}

/** Without the blanks around it. `trim` would take more than blanks. */
function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isNamed(text: string, start: number, name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    // Bit 32 makes a letter small and leaves the hyphen alone; no other sign that may stand in a name becomes a letter by it.
    if ((text.charCodeAt(start + at) | 32) !== name.charCodeAt(at)) return false;
  }
  return true;
}

function connectionCloses(text: string, nameEnd: number, end: number, before: boolean): boolean {
  const tokens = trimmed(text, nameEnd + 1, end)
    .toLowerCase()
    .split(",")
    .map((token) => token.trim());
  if (tokens.includes("close")) return true;
  return before && !tokens.includes("keep-alive");
}

function timeoutOf(value: string): number | undefined {
  const seconds = /(?:^|[,;\s])timeout\s*=\s*(\d{1,6})/i.exec(value)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

function sameAs(before: string | undefined, value: string): string {
  if (before !== undefined && before !== value) throw new MalformedResponse("two values of content-length differ");
  return value;
}

function lengthOf(value: string): number {
  // Fifteen digits are below 2^53, and more than anybody has.
  if (!/^\d{1,15}$/.test(value)) throw new MalformedResponse("content-length is not a number");
  return Number(value);
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === HTAB;
}

function tableOf(allowed: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => (allowed.test(String.fromCharCode(code)) ? 1 : 0));
}
