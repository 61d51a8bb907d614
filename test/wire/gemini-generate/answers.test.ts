import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { SseReader } from "../../../src/bytes/sse.ts";
import type { ChatEvent } from "../../../src/ir/chat-events.ts";
import { foldEvents } from "../../../src/ir/fold-events.ts";
import { geminiGenerateCodec as codec } from "../../../src/wire/gemini-generate/codec.ts";
import { endStream } from "../../../src/wire/stream-events.ts";
import { brokenChatRules } from "../codec/chat-rules.ts";
import { brokenMessagesRules } from "../codec/messages-rules.ts";
import { type SseEvent, splitSse } from "../codec/recordings.ts";
import { brokenResponsesRules } from "../codec/responses-rules.ts";
import { ALL_CODECS, ANSWERS, meaningOf } from "./answers.ts";
import { RECORDED, splitData, STREAMS, WHOLES } from "./recorded.ts";

const REQUEST = { model: "m", stream: true, messages: [], sampling: {} } as const;

function decode(data: readonly string[]): ChatEvent[] {
  const decoder = codec.decodeStream();
  return [...data.flatMap((each) => decoder.push(each)), ...decoder.end()];
}

/** Reads a stream as it comes in chunks, with the product's own splitter. */
function read(chunks: readonly Uint8Array[]): ChatEvent[] {
  const reader = new SseReader();
  const decoder = codec.decodeStream();
  const text = (): string => Buffer.from(reader.data.subarray(reader.dataStart, reader.dataEnd)).toString();
  const events: ChatEvent[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    while (reader.next()) events.push(...decoder.push(text()));
    reader.take();
  }
  return [...events, ...endStream(decoder, reader.finish() === "event" ? text() : undefined)];
}

const said = (events: readonly ChatEvent[]): string =>
  JSON.stringify(events, (_key, value) => (value instanceof Error ? value.message : value));

describe("Google's recorded answers", () => {
  test("are many", () => {
    expect(STREAMS.length).toBeGreaterThan(80);
    expect(WHOLES.length).toBeGreaterThan(150);
  });

  test("can be written in every format, whole and streamed", () => {
    for (const { name, events, response } of ANSWERS) {
      for (const other of ALL_CODECS) {
        try {
          expect(JSON.stringify(other.encodeResponse(response).json).length).toBeGreaterThan(2);
          expect(other.encodeStream({ request: REQUEST }).push(events).length).toBeGreaterThan(2);
        } catch (cause) {
          throw new Error(`${name} as ${other.wire}`, { cause });
        }
      }
    }
  }, 30_000);

  test("keep the rules of the other formats when they are written in them", () => {
    const rules: Readonly<Record<string, (written: readonly SseEvent[]) => string[]>> = {
      "openai-chat": (written) => brokenChatRules(written, true),
      "anthropic-messages": brokenMessagesRules,
      "openai-responses": brokenResponsesRules,
    };
    const broken = new Map<string, string[]>();
    for (const { name, events } of ANSWERS.filter((answer) => RECORDED.some((recorded) => recorded.name === answer.name))) {
      for (const other of ALL_CODECS) {
        const written = Buffer.from(other.encodeStream({ request: { ...REQUEST, streamUsage: true }, nowS: 1 }).push(events)).toString();
        for (const rule of rules[other.wire]?.(splitSse(written)) ?? [])
          broken.set(`${other.wire}: ${rule}`, [...(broken.get(rule) ?? []), name]);
      }
    }
    expect(Object.fromEntries(broken)).toEqual({});
  });

  test("read the same after they were written again", () => {
    for (const { name, pieces } of WHOLES) {
      const response = codec.decodeResponse(pieces[0]);
      const { json, losses } = codec.encodeResponse(response);
      expect({ name, losses, ...codec.decodeResponse(JSON.parse(JSON.stringify(json))) }).toEqual({ name, losses: [], ...response });
    }
  });

  test("keep every signature byte for byte, and with the part that it came with", () => {
    let signatures = 0;
    for (const { name, pieces } of WHOLES) {
      const { json } = codec.encodeResponse(codec.decodeResponse(pieces[0]));
      const signed = (answer: unknown): unknown[] =>
        (answer as { candidates: { content?: { parts?: Record<string, unknown>[] } }[] }).candidates.flatMap(({ content }) =>
          (content?.parts ?? []).flatMap((part) =>
            part["thoughtSignature"] === undefined
              ? []
              : [[Object.keys(part).filter((key) => key !== "thoughtSignature"), part["thoughtSignature"]]],
          ),
        );
      signatures += signed(pieces[0]).length;
      expect([name, signed(json)]).toEqual([name, signed(pieces[0])]);
    }
    expect(signatures).toBeGreaterThan(50);
  });

  test("are counted as their provider counts them", () => {
    for (const { name, pieces } of [...WHOLES, ...STREAMS]) {
      const last = pieces.findLast((piece) => (piece as { usageMetadata?: object }).usageMetadata) as {
        usageMetadata?: Record<string, number>;
      };
      if (last?.usageMetadata?.["totalTokenCount"] === undefined) continue;
      const usage = ANSWERS.find((answer) => answer.name === name)!.response.usage!;
      const sum = usage.inputTokens + usage.inputTokensCached + usage.outputTokens + usage.reasoningTokens;
      expect([name, sum]).toEqual([name, last.usageMetadata["totalTokenCount"]]);
    }
  });

  test("give every call an id that no other one has", () => {
    const ids = WHOLES.flatMap(({ pieces }) =>
      codec.decodeResponse(pieces[0]).choices.flatMap(({ parts }) => parts.flatMap((part) => (part.type === "tool-call" ? [part.id] : []))),
    );
    expect(ids.length).toBeGreaterThan(30);
    expect(new Set(ids).size).toBeGreaterThan(ids.length * 0.9); // Some exchanges were recorded twice.
    for (const { response } of ANSWERS.filter(({ name }) => RECORDED.some((recorded) => recorded.name === name))) {
      const own = response.choices.flatMap(({ parts }) => parts.flatMap((part) => (part.type === "tool-call" ? [part.id] : [])));
      expect(new Set(own).size).toBe(own.length);
    }
  });
});

describe("a stream of Google's", () => {
  test("gives the same events byte by byte as at once", () => {
    for (const { bytes } of STREAMS.filter(({ bytes }) => bytes.length < 20_000)) {
      expect(said(read(Array.from(bytes, (byte) => Uint8Array.of(byte))))).toBe(said(read([bytes])));
    }
  }, 30_000);

  test("gives the same events wherever two cuts are", () => {
    const some = STREAMS.filter(({ bytes }) => bytes.length < 20_000);
    fc.assert(
      fc.property(fc.constantFrom(...some), fc.nat(), fc.nat(), ({ bytes }, one, other) => {
        const [first, second] = [one % bytes.length, other % bytes.length].sort((left, right) => left - right) as [number, number];
        expect(said(read([bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]))).toBe(said(read([bytes])));
      }),
      { numRuns: 300 },
    );
  });

  test("ends in a failure and in nothing else if it breaks off before its reason", () => {
    for (const { bytes, name } of STREAMS.filter(({ bytes }) => bytes.length < 8000)) {
      const reason = Buffer.from(bytes)
        .toString("latin1")
        .search(/"finishReason"/);
      for (let length = 0; length <= reason; length += 41) {
        const events = read([bytes.subarray(0, length)]);
        expect([name, length, events.at(-1)]).toMatchObject([name, length, { type: "failure", error: { kind: "upstream_truncated" } }]);
        expect(events.filter(({ type }) => type === "failure" || type === "end").length).toBe(1);
      }
    }
  });
});

/** What clients hold such a stream to. Returns what is broken. */
function brokenRules(data: readonly string[]): string[] {
  const broken: string[] = [];
  const must = (holds: boolean, rule: string): void => void (holds || broken.push(rule));
  const events = data.map((each) => JSON.parse(each));
  const last = events.at(-1);
  const finished = new Set<number>();
  for (const event of events) {
    must(event.responseId === last.responseId && event.modelVersion === last.modelVersion, "id and model are the same in all events");
    must(typeof event.responseId === "string" && typeof event.modelVersion === "string", "id and model are there");
    must((event.usageMetadata === undefined) === (event !== last || last.usageMetadata === undefined), "usage comes last");
    must(Array.isArray(event.candidates) || event.promptFeedback !== undefined, "there are candidates");
    for (const candidate of event.candidates ?? []) {
      must(Number.isInteger(candidate.index), "a candidate has its number");
      must(!finished.has(candidate.index), "nothing follows the end of a candidate");
      must(candidate.content?.role === "model" && candidate.content.parts.length > 0, "a candidate has content of the model's");
      if (candidate.finishReason !== undefined) finished.add(candidate.index);
      must(candidate.finishReason === undefined || event === last, "reasons come last");
      for (const part of candidate.content.parts) {
        must(
          Object.keys(part).some((key) => key !== "thought" && key !== "thoughtSignature"),
          "a part says something",
        );
        if (part.functionCall === undefined) continue;
        const { id, name, args } = part.functionCall;
        must(typeof id === "string" && typeof name === "string", "a call has its id and name");
        must(typeof args === "object" && args !== null && !Array.isArray(args), "the arguments of a call are an object");
      }
    }
  }
  must(finished.size > 0 || last.promptFeedback !== undefined, "there is a reason");
  return broken;
}

describe("what is written to Google's clients", () => {
  test("keeps the rules of the format, whatever provider it is from", () => {
    expect(ANSWERS.length).toBeGreaterThan(1200);
    const broken = new Map<string, string[]>();
    for (const { name, events } of ANSWERS) {
      const written = splitData(Buffer.from(codec.encodeStream({ request: REQUEST, nowS: 1 }).push(events)).toString());
      for (const rule of brokenRules(written)) broken.set(rule, [...(broken.get(rule) ?? []), name]);
    }
    expect(Object.fromEntries(broken)).toEqual({});
  });

  test("is held to rules that can be broken", () => {
    const event = (more: object, parts: object[] = [{ text: "x" }]) =>
      JSON.stringify({ responseId: "r", modelVersion: "m", candidates: [{ index: 0, content: { role: "model", parts }, ...more }] });
    expect(brokenRules([event({}), event({ finishReason: "STOP" })])).toEqual([]);
    expect(brokenRules([event({})])).toEqual(["there is a reason"]);
    expect(brokenRules([event({ finishReason: "STOP" }), event({ finishReason: "STOP" })])).toContain(
      "nothing follows the end of a candidate",
    );
    expect(brokenRules([event({ finishReason: "STOP" }, [{ functionCall: { id: "a", name: "b", args: "{}" } }])])).toHaveLength(1);
    expect(brokenRules([event({ finishReason: "STOP" }, [{ thought: true }])])).toEqual(["a part says something"]);
  });

  test("reads the same, streamed or whole", () => {
    for (const { name, response } of ANSWERS) {
      const whole = codec.decodeResponse(JSON.parse(JSON.stringify(codec.encodeResponse(response).json)));
      const { unfolded } = { unfolded: ANSWERS.find((answer) => answer.name === name)!.events };
      const streamed = decode(splitData(Buffer.from(codec.encodeStream({ request: REQUEST }).push(unfolded)).toString()));
      expect({ name, ...(comparable(foldEvents(streamed)) as object) }).toEqual({ name, ...(comparable(whole) as object) });
    }
  });
});

/** Several texts of a reasoning are one here, and signatures stand behind what was streamed before them. */
function comparable(response: Parameters<typeof meaningOf>[0]): unknown {
  const { choices, usage } = meaningOf(response) as { usage: unknown; choices: { finish: unknown; parts: Record<string, unknown>[] }[] };
  return {
    usage,
    choices: choices.map(({ finish, parts }) => ({
      finish,
      text: parts.flatMap((part) => (part["type"] === "text" ? [part["text"]] : [])).join(""),
      citations: parts.flatMap((part) => part["citations"] ?? []),
      thoughts: parts
        .flatMap((part) => (part["type"] === "reasoning" ? (part["texts"] as { text: string }[]).map(({ text }) => text) : []))
        .join(""),
      opaque: parts.flatMap((part) => part["opaque"] ?? []),
      others: parts.filter(({ type }) => type === "tool-call" || type === "foreign" || type === "refusal"),
    })),
  };
}
