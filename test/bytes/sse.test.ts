import { describe, expect, test } from "bun:test";
import { createParser } from "eventsource-parser";
import fc from "fast-check";
import { SSE_EVENT_BYTES_MAX, SseReader } from "../../src/bytes/sse.ts";

interface Seen {
  readonly events: { readonly type: string; readonly data: string }[];
  /** Everything that was handed out. */
  readonly bytes: Buffer;
  readonly rest: string;
}

function read(pieces: readonly Uint8Array[]): Seen {
  const reader = new SseReader();
  const events: { type: string; data: string }[] = [];
  const taken: Uint8Array[] = [];
  const see = () =>
    events.push({ type: reader.type, data: Buffer.from(reader.data.subarray(reader.dataStart, reader.dataEnd)).toString() });
  for (const piece of pieces) {
    reader.push(piece);
    while (reader.next()) see();
    taken.push(reader.take());
  }
  return { events, bytes: Buffer.concat(taken), rest: reader.finish() };
}

function cutAt(bytes: Uint8Array, ...cuts: number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

function oracle(text: string): { type: string; data: string }[] {
  const events: { type: string; data: string }[] = [];
  const parser = createParser({ onEvent: ({ event, data }) => events.push({ type: event ?? "", data }) });
  parser.feed(text);
  return events;
}

const CASES = [
  ["line feeds", "data: a\n\ndata: b\n\n"],
  ["carriage returns and line feeds", "event: x\r\ndata: a\r\n\r\ndata: b\r\n\r\n"],
  ["carriage returns", "data: a\r\rdata: b\r\r"],
  ["all of them mixed", "data: a\r\n\ndata: b\n\r\ndata: c\r\r\ndata: d\n\n\n\n"],
  ["a byte order mark", "\ufeffdata: a\n\n"],
  ["a byte order mark before several lines", "\ufeffdata: a\ndata: b\n\n"],
  ["comments", ": PROCESSING\n\n:\n\ndata: a\n: within\n\n"],
  ["several data lines", "data: a\ndata\ndata:b\r\ndata:  c\n\n"],
  ["no space", "data:a\nevent:b\n\n"],
  ["unknown fields and empty events", "id: 1\nretry: 5\nfoo\nfoo: bar\n\nevent: lost\n\ndata: a\ndataset: no\neventual: no\n\n"],
  ["the last name", "event: a\nevent: b\ndata: x\n\n"],
  ["characters of many bytes", "data: 日本語 🙂\n\n"],
  ["an event that is not complete", "data: a\n\ndata: b\n"],
] as const;

describe("SseReader", () => {
  test.each(CASES)("reads %s like everybody, wherever it is cut", (_, text) => {
    const bytes = Buffer.from(text);
    const wanted = oracle(text);
    const whole = read([bytes]);
    expect(whole.events).toEqual(wanted);
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        const seen = read(cutAt(bytes, first, second));
        expect(seen.events).toEqual(wanted);
        expect(seen.bytes.equals(whole.bytes)).toBeTrue();
      }
    }
    expect(read(bytes.toJSON().data.map((byte) => Uint8Array.of(byte))).events).toEqual(wanted);
  });

  test("reads any mixture like everybody, wherever it is cut", () => {
    const line = fc.constantFrom(
      "data: x",
      "data:",
      "data",
      "data: é",
      "event: e",
      "event:",
      ": c",
      "id: 1",
      "",
      "",
      "junk",
      "da",
      " data: y",
      "data:  z",
    );
    const lines = fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\r")), { maxLength: 14 });
    fc.assert(
      fc.property(lines, fc.boolean(), fc.array(fc.nat(), { maxLength: 6 }), (parts, marked, cuts) => {
        const text = (marked ? "\ufeff" : "") + parts.flat().join("");
        const bytes = Buffer.from(text);
        const seen = read(cutAt(bytes, ...cuts));
        // The other one waits for a line feed after a carriage return at the very end.
        expect(seen.events).toEqual(oracle(`${text}${text.endsWith("\r") ? ":\n" : ""}`));
        expect(seen.bytes.equals(bytes.subarray(0, seen.bytes.length))).toBeTrue();
      }),
      { numRuns: 800, seed: 3 },
    );
  });

  test("hands out whole events only, comments and line ends included", () => {
    const reader = new SseReader();
    const push = (text: string) => {
      reader.push(Buffer.from(text));
      while (reader.next());
      return Buffer.from(reader.take()).toString();
    };
    expect(push(": hi\n")).toBe("");
    expect(push("\nda")).toBe(": hi\n\n");
    expect(push("ta: a\r\n\r")).toBe("data: a\r\n\r");
    expect(push("\n")).toBe("\n");
    expect(push("data: b\n\ndata: c")).toBe("data: b\n\n");
    expect(push("\n\n")).toBe("data: c\n\n");
  });

  test("hands out the chunk itself when it holds whole events", () => {
    const reader = new SseReader();
    for (let round = 0; round < 2; round++) {
      const chunk = Buffer.from("data: a\n\ndata: b\n\n");
      reader.push(chunk);
      while (reader.next());
      expect(reader.take()).toBe(chunk);
    }
  });

  test("leaves what it has handed out as it was", () => {
    const bytes = Buffer.from("data: abcdefgh\n\n".repeat(200));
    const reader = new SseReader();
    const taken: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += 7) {
      reader.push(bytes.subarray(at, at + 7));
      while (reader.next());
      taken.push(reader.take());
    }
    expect(Buffer.concat(taken).equals(bytes)).toBeTrue();
  });

  test("can stop before an event", () => {
    const reader = new SseReader();
    reader.push(Buffer.from("data: a\n\n: c\n\ndata: b\n\n"));
    reader.next();
    reader.next();
    expect(Buffer.from(reader.takeBefore()).toString()).toBe("data: a\n\n: c\n\n");
  });

  test.each([
    ["", "nothing"],
    ["data: a\n\n", "nothing"],
    ["data: a\n\n: comm", "nothing"],
    ["data: a\n\n\r\n", "nothing"],
    ["data: a", "event"],
    ["data: a\n", "event"],
    ["data: a\n\nda", "scrap"],
    ["event: x\n", "scrap"],
  ])("says what is left of %j", (text, rest) => {
    expect(read([Buffer.from(text)]).rest).toBe(rest);
  });

  test("gives up on an event beyond 4 MiB, whole or in pieces, and takes one below", () => {
    const event = (length: number) => Buffer.from(`data: ${"x".repeat(length - 8)}\n\n`);
    expect(read([event(SSE_EVENT_BYTES_MAX)]).events.length).toBe(1);
    for (const pieces of [[event(SSE_EVENT_BYTES_MAX + 1)], new Array(65).fill(Buffer.alloc(65536, "x"))]) {
      const reader = new SseReader();
      for (const piece of pieces) {
        reader.push(piece);
        expect(reader.next()).toBeFalse();
      }
      expect(reader.tooLong).toBeTrue();
      expect(reader.take().length).toBe(0);
    }
  });

  test("copies little: single bytes cost no more than a few copies of each", () => {
    const bytes = Buffer.from(`data: ${"x".repeat(60_000)}\n\n`);
    const original = Uint8Array.prototype.set;
    let copied = 0;
    Uint8Array.prototype.set = function (source, at) {
      copied += source.length;
      original.call(this, source, at);
    };
    try {
      const reader = new SseReader();
      for (let at = 0; at < bytes.length; at++) {
        reader.push(bytes.subarray(at, at + 1));
        reader.next();
      }
      expect(reader.take().length).toBe(bytes.length);
    } finally {
      Uint8Array.prototype.set = original;
    }
    expect(copied).toBeGreaterThan(bytes.length);
    expect(copied).toBeLessThan(4 * bytes.length);
  });
});
