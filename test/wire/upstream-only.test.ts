import { describe, expect, test } from "bun:test";
import { SseReader } from "../../src/bytes/sse.ts";
import type { ChatRequest } from "../../src/ir/chat.ts";
import type { ChatEvent } from "../../src/ir/chat-events.ts";
import { type FailureKind, OmniError } from "../../src/ir/failure.ts";
import { foldEvents } from "../../src/ir/fold-events.ts";
import { bridgeOf, type Crossing } from "../../src/wire/bridge.ts";
import type { ChatUpstream } from "../../src/wire/chat-codec.ts";
import { ClientRequest } from "../../src/wire/client-request.ts";
import { WIRES } from "../../src/wire/index.ts";
import { endStream } from "../../src/wire/stream-events.ts";
import type { StreamReader, Wire } from "../../src/wire/wire.ts";
import { exchangesOf, isStream, type RecordedResponse, recordings, responseBytes } from "../support/recordings.ts";
import { brokenChatRules } from "./codec/chat-rules.ts";
import { brokenMessagesRules } from "./codec/messages-rules.ts";
import { type SseEvent, splitSse } from "./codec/recordings.ts";
import { brokenResponsesRules } from "./codec/responses-rules.ts";
import { MATRIX } from "./matrix-exchange.ts";
import { WAYS, type Ways } from "./upstream-only-ways.ts";

/** What clients hold a stream to, where it is written down. */
const RULES: Readonly<Record<string, (events: readonly SseEvent[]) => string[]>> = {
  "openai-chat": (events) => brokenChatRules(events, false),
  "anthropic-messages": brokenMessagesRules,
  "openai-responses": brokenResponsesRules,
};

const WANTED: Readonly<Record<number, readonly FailureKind[]>> = {
  400: ["upstream_rejected", "upstream_model_unknown"],
  401: ["upstream_auth"],
  403: ["upstream_auth"],
  429: ["rate_limited"],
};

/** Formats whose recordings hold what clients asked. */
const RECORDED_REQUESTS = [
  { wire: "openai-chat", apis: ["chat"] },
  { wire: "anthropic-messages", apis: ["messages"] },
  { wire: "openai-responses", apis: ["responses"] },
  { wire: "gemini-generate", apis: ["generateContent", "streamGenerateContent"] },
] as const;

const clients = WIRES.filter(({ downstream }) => downstream?.chat !== undefined);
const unspoken = WIRES.filter(({ operation, downstream }) => operation === "chat" && downstream === undefined);

function waysOf({ name }: Wire): Ways {
  const ways = WAYS[name];
  if (ways === undefined) throw new Error(`Say which recordings ${name} is to be held to.`);
  return ways;
}

interface Case {
  readonly name: string;
  readonly response: RecordedResponse;
  readonly bytes: Uint8Array;
}

function casesOf(wire: Wire): Case[] {
  const { apis, foreign } = waysOf(wire);
  return recordings({ api: apis[0]! }).flatMap((row) =>
    exchangesOf(row).flatMap((exchange, index) => {
      const name = `${row.id} #${index}`;
      if (!apis.includes(exchange.api) || foreign?.(exchange, name)) return [];
      return [{ name, response: exchange.response, bytes: responseBytes(exchange.response) }];
    }),
  );
}

/** A question of a client of one format to a provider of the other. */
function crossingOf(down: Wire, up: Wire, stream: boolean): Crossing {
  const { request, streamField, rest } = MATRIX[down.name]!;
  const body = Buffer.from(JSON.stringify({ ...request, ...streamField(stream) }));
  const head = down.downstream!.readHead(body, rest?.(stream) ?? "", "alt=sse");
  const bridge = bridgeOf(down, up, up.upstream({}));
  return bridge!.cross(new ClientRequest(body, head), { model: "m-1", modelJson: Buffer.from('"m-1"') }, { requestId: "r", nowS: 0 });
}

function passed(crossing: Crossing, pieces: readonly Uint8Array[]): { readonly reader: StreamReader; readonly text: string } {
  const reader = crossing.openStream();
  const out = pieces.map((piece) => reader.push(piece));
  out.push(reader.end());
  return { reader, text: Buffer.concat(out).toString() };
}

/** What a provider's stream says, in the words of the IR. */
function eventsIn({ decodeStream, openFrames }: ChatUpstream, pieces: readonly Uint8Array[]): ChatEvent[] {
  const frames = openFrames?.() ?? new SseReader();
  const decoder = decodeStream();
  const events: ChatEvent[] = [];
  const data = (): string => Buffer.from(frames.data.subarray(frames.dataStart, frames.dataEnd)).toString();
  for (const piece of pieces) {
    frames.push(piece);
    while (frames.next()) events.push(...decoder.push(data(), frames.type));
    frames.take();
  }
  return [...events, ...(frames.finish() === "event" ? endStream(decoder, data(), frames.type) : decoder.end())];
}

/** Numbers that look random and never change. */
function* places(count: number, below: number): Generator<number> {
  let state = 42;
  for (let index = 0; index < count; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    yield state % below;
  }
}

/** Every place in a small stream, some of a larger one. */
function cutsOf(length: number): number[] {
  return length <= 1500 ? Array.from({ length }, (_, cut) => cut) : [...new Set([0, 1, length - 1, ...places(40, length)])];
}

const deep = (depth: number): unknown => JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`);
const ODD_VALUES: readonly unknown[] = [null, 0, -1e300, "", "x", true, [], [null], {}, { __proto__: null, toString: 1 }, deep(3000)];

/** The same JSON with one value in it replaced, once for each value and each odd one. */
function* spoilt(json: unknown): Generator<unknown> {
  yield* ODD_VALUES;
  if (typeof json !== "object" || json === null) return;
  for (const [key, value] of Object.entries(json)) {
    for (const other of spoilt(value)) {
      if (Array.isArray(json)) yield json.map((each, index) => (String(index) === key ? other : each));
      else yield { ...json, [key]: other };
    }
  }
}

describe("a format that no client speaks", () => {
  test("is one of those that were meant", () => {
    expect(unspoken.map(({ name }) => name).sort()).toEqual(Object.keys(WAYS).sort());
  });
});

describe.each(unspoken.map((wire) => [wire.name, wire] as const))("%s", (_, wire) => {
  const ways = waysOf(wire);
  const half = wire.upstream({});
  const chat = half.chat!;
  const cases = casesOf(wire);
  const streams = cases.filter(({ response }) => (response.status === 200 && isStream(response)) || response.body_base64 !== undefined);
  const wholes = cases.filter(({ response }) => response.status === 200 && response.body !== undefined);
  const refusals = cases.filter(({ response }) => response.status !== 200);

  test("has recordings of every sort", () => {
    expect(Math.min(streams.length - 9, wholes.length - 9, refusals.length)).toBeGreaterThan(0);
  });

  test("never passes verbatim", () => {
    expect(() => half.openStream()).toThrow("no client speaks");
  });

  test.each(wholes)("brings $name to clients of every format", ({ response, bytes }) => {
    for (const down of clients) {
      const { body, usage } = crossingOf(down, wire, false).encodeAnswer(response.headers?.["content-type"] ?? null, bytes);
      const got = down.upstream({}).chat!.decodeResponse(JSON.parse(Buffer.from(body).toString()));
      const sent = chat.decodeResponse(response.body);
      expect(usage).toEqual(sent.usage!);
      expect([got.choices.length, got.model]).toEqual([1, "m-1"]);
      const texts = (parts: (typeof got.choices)[0]["parts"]) =>
        parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
      expect(texts(got.choices[0]!.parts)).toBe(texts(sent.choices[0]!.parts));
      const calls = (parts: (typeof got.choices)[0]["parts"]) =>
        parts.flatMap((part) => (part.type === "tool-call" ? [[part.id, part.name, JSON.parse(part.argumentsJson || "{}")]] : []));
      expect(calls(got.choices[0]!.parts)).toEqual(calls(sent.choices[0]!.parts));
    }
  });

  test.each(wholes)("reads of a stream what it reads of the whole $name", ({ response }) => {
    const folded = foldEvents(eventsIn(chat, ways.streamOf(response.body as never)));
    expect(folded).toEqual(chat.decodeResponse(response.body));
  });

  test.each(wholes)("tells that $name came whole where a stream was asked for, or broke off", ({ bytes }) => {
    for (const cut of [0, 1, bytes.length >> 1, bytes.length - 1])
      expect(() => half.inspectAnswer("application/json", bytes.subarray(0, cut))).toThrow("Cannot use the provider's answer");
    const { reader, text } = passed(crossingOf(clients[0]!, wire, true), [bytes]);
    expect(["upstream_invalid", "upstream_truncated"]).toContain(reader.failure?.kind as string);
    expect(text).toBe("");
  });

  test.each(streams)("brings $name to clients of every format, in keeping with its rules", ({ bytes }) => {
    for (const down of clients) {
      const { reader, text } = passed(crossingOf(down, wire, true), [bytes]);
      expect(reader).toMatchObject({ failure: undefined, committed: true });
      // Some recordings were cut short behind the end of the answer.
      expect(reader.usage !== undefined).toBe(Buffer.from(bytes).includes('"usage"'));
      expect(text).toMatch(MATRIX[down.name]!.ending);
      expect(RULES[down.name]?.(splitSse(text)) ?? []).toEqual([]);
    }
  });

  test.each(streams)("brings $name the same, cut anywhere", ({ bytes }) => {
    const crossing = crossingOf(clients[0]!, wire, true);
    const whole = passed(crossing, [bytes]);
    for (const cut of cutsOf(bytes.length)) {
      const { reader, text } = passed(crossing, [bytes.subarray(0, cut), bytes.subarray(cut)]);
      if (reader.failure !== undefined || text !== whole.text) throw new Error(`Another text when it is cut at ${cut}.`);
    }
    if (bytes.length > 30_000) return;
    // Byte by byte is every cut at once.
    expect(
      passed(
        crossing,
        Array.from(bytes, (byte) => Uint8Array.of(byte)),
      ).text,
    ).toBe(whole.text);
  });

  test.each(streams)("calls $name cut off wherever it ends before its ending", ({ bytes }) => {
    const crossing = crossingOf(clients[0]!, wire, true);
    const limit = Buffer.from(bytes).toString("latin1").search(ways.ending);
    for (const cut of [...cutsOf(limit), limit]) {
      const { reader, text } = passed(crossing, [bytes.subarray(0, cut)]);
      if (reader.failure?.kind !== "upstream_truncated") throw new Error(`${reader.failure?.kind} when it ends at ${cut}.`);
      expect(text).not.toMatch(MATRIX[clients[0]!.name]!.ending);
    }
  });

  test.each(refusals)("reads the refusal $name", ({ response, bytes }) => {
    const failure = half.decodeRefusal(response.status, new Headers(response.headers as Record<string, string>), bytes, 0);
    expect(WANTED[response.status]).toContain(failure.kind);
  });

  test.each(RECORDED_REQUESTS)("can be asked whatever clients of $wire were recorded asking", ({ wire: client, apis }) => {
    const { decodeRequest } = WIRES.find(({ name }) => name === client)!.downstream!.chat!;
    let asked = 0;
    for (const row of recordings({ api: apis[0]! })) {
      for (const exchange of exchangesOf(row)) {
        if (!(apis as readonly string[]).includes(exchange.api) || exchange.request.body === undefined) continue;
        let request: ChatRequest;
        try {
          request = decodeRequest(exchange.request.body);
        } catch (error) {
          if (error instanceof OmniError) continue; // Some were refused by their own provider.
          throw error;
        }
        for (const model of ways.models) {
          const { json } = chat.encodeRequest({ ...request, model });
          const messages = json["messages"] as readonly { readonly role: string }[];
          if (ways.alternates) expect(messages.filter(({ role }, index) => role === messages[index + 1]?.role)).toEqual([]);
          expect(JSON.stringify(json)).not.toMatch(/"text":""(?!,"signature")|"role":"(?:user|assistant|system)","content":(?:""|\[\])/);
        }
        asked++;
      }
    }
    expect(asked).toBeGreaterThan(20);
  });

  test("answers whole JSON of any shape with one of its own errors, or with an answer that every client can read", () => {
    const odd = wholes.filter(({ bytes }) => bytes.length < 2000).slice(0, 6);
    for (const { response } of odd) {
      for (const json of spoilt(response.body)) {
        try {
          const answer = chat.decodeResponse(json);
          for (const down of clients) down.downstream!.chat!.encodeResponse(answer);
        } catch (error) {
          if (!(error instanceof OmniError) || !error.kind.startsWith("upstream_")) throw error;
        }
      }
    }
  });

  test("answers events of any shape with a failure, or with events that every client can read", () => {
    const answers = wholes.filter(({ bytes }) => bytes.length < 2000).slice(0, 6);
    for (const { response } of answers) {
      const frames = ways.streamOf(response.body as never);
      for (const [place, frame] of frames.entries()) {
        const variants: Uint8Array[] = [];
        ways.reframe(frame, (json) => {
          for (const other of spoilt(json)) variants.push(ways.reframe(frame, () => other));
          return json;
        });
        for (const variant of variants) {
          const events = eventsIn(chat, [...frames.slice(0, place), variant, ...frames.slice(place + 1)]);
          expect(events.filter(({ type }) => type === "failure" || type === "end")).toHaveLength(1);
          for (const down of clients) down.downstream!.chat!.encodeStream().push(events);
        }
      }
    }
  }, 20_000);
});
