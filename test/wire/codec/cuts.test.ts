import { describe, expect, test, setDefaultTimeout } from "bun:test";
import fc from "fast-check";
import { SseReader } from "../../../src/bytes/sse.ts";
import type { ChatEvent } from "../../../src/ir/chat-events.ts";
import type { ChatCodec } from "../../../src/wire/chat-codec.ts";
import { CHAT_CODECS } from "../../../src/wire/chat-codecs.ts";
import { endStream } from "../../../src/wire/stream-events.ts";
import { API_OF, exchangesOf } from "./recordings.ts";

// All recorded traffic at once, on machines that may be busy.
setDefaultTimeout(60_000);

/** Reads a stream as it comes in chunks, with the product's own splitter. */
function read(codec: ChatCodec, chunks: readonly Uint8Array[]): ChatEvent[] {
  const reader = new SseReader();
  const decoder = codec.decodeStream();
  const events: ChatEvent[] = [];
  const utf8 = new TextDecoder();
  const drain = (): void => {
    while (reader.next())
      events.push(...decoder.push(utf8.decode(reader.data.subarray(reader.dataStart, reader.dataEnd)), reader.type || undefined));
    reader.take();
  };
  for (const chunk of chunks) {
    reader.push(chunk);
    drain();
  }
  const rest = reader.finish() === "event" ? utf8.decode(reader.data.subarray(reader.dataStart, reader.dataEnd)) : undefined;
  return [...events, ...endStream(decoder, rest, reader.type || undefined)];
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const borders = [0, ...[...places].sort((left, right) => left - right), bytes.length];
  return borders.slice(1).map((end, index) => bytes.slice(borders[index], end));
}

/** Failures are compared by what they say; errors made at different times are different objects. */
const said = (events: readonly ChatEvent[]): string =>
  JSON.stringify(events, (_key, value) => (value instanceof Error ? value.message : value));

/** What is only told behind a choice's end: usage, and bags of the answer. */
const withoutEnd = (events: readonly ChatEvent[]): ChatEvent[] => events.filter(({ type }) => type !== "usage" && type !== "end");

describe.each(CHAT_CODECS.map((codec) => [codec.wire, codec] as const))("%s", (wire, codec) => {
  const streams = exchangesOf(API_OF[wire]!).flatMap(({ text, status, id }) =>
    text !== undefined && status === 200 ? [{ id, bytes: new TextEncoder().encode(text) }] : [],
  );

  test("every recorded stream gives the same events byte by byte as at once", () => {
    expect(streams.length).toBeGreaterThan(90);
    for (const { bytes } of streams) {
      const single = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
      expect(said(read(codec, single))).toBe(said(read(codec, [bytes])));
    }
  });

  test("a stream gives the same events wherever two cuts are", () => {
    const some = streams.filter(({ bytes }) => bytes.length < 40_000);
    fc.assert(
      fc.property(fc.constantFrom(...some), fc.nat(), fc.nat(), ({ bytes }, first, second) => {
        expect(said(read(codec, cut(bytes, [first % bytes.length, second % bytes.length])))).toBe(said(read(codec, [bytes])));
      }),
      { numRuns: 300 },
    );
  });

  test("a stream that breaks off anywhere ends in a failure and in nothing else", () => {
    const some = streams.filter(({ bytes, id }) => bytes.length < 8000 && !id.includes("error") && !id.includes("variant-b"));
    expect(some.length).toBeGreaterThan(5);
    for (const { bytes } of some) {
      const whole = read(codec, [bytes]);
      for (let length = 0; length < bytes.length; length += 37) {
        const events = read(codec, [bytes.subarray(0, length)]);
        const last = events.at(-1);
        // Only after the last word of the protocol may the rest be missing.
        if (last?.type === "end") expect(said(withoutEnd(events))).toBe(said(withoutEnd(whole)));
        else expect(last).toMatchObject({ type: "failure", error: { kind: "upstream_truncated" } });
        expect(events.filter(({ type }) => type === "failure" || type === "end").length).toBe(1);
      }
    }
  });
});
