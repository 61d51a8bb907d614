import { describe, expect, test, setDefaultTimeout } from "bun:test";
import fc from "fast-check";
import type { AssistantPart, ToolCallPart, UserPart } from "../../../src/ir/chat-parts.ts";
import type { ChatRequest, ChatResponse, Message, Tool } from "../../../src/ir/chat.ts";
import { foldEvents } from "../../../src/ir/fold-events.ts";
import { unfoldResponse } from "../../../src/ir/unfold-response.ts";
import { CHAT_CODECS } from "../../../src/wire/chat-codecs.ts";
import { API_OF, exchangesOf, splitSse } from "./recordings.ts";

// All recorded traffic at once, on machines that may be busy.
setDefaultTimeout(60_000);

// What all three formats can say, so that none may lose or change it.

const words = fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" }).map((text) => `${text}.`);
const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_-]{0,20}$/);
const id = fc.stringMatching(/^call_[a-zA-Z0-9]{8,20}$/);
const text = words.map((said) => ({ type: "text", text: said }) as const);
const base64 = fc.uint8Array({ minLength: 1, maxLength: 30 }).map((bytes) => bytes.toBase64());
const image = fc.oneof(
  base64.map((data) => ({ type: "image", source: { type: "base64", mediaType: "image/png", data: `iVBORw0KGgo${data}` } }) as const),
  fc.webUrl({ validSchemes: ["https"] }).map((url) => ({ type: "image", source: { type: "url", url } }) as const),
);
const argumentsJson = fc
  .dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 })
  .map((value) => JSON.stringify(JSON.parse(JSON.stringify(value))));
const call: fc.Arbitrary<ToolCallPart> = fc.record({ type: fc.constant("tool-call" as const), id, name, argumentsJson });

const userTurn: fc.Arbitrary<Message> = fc
  .array(fc.oneof(text, image), { minLength: 1, maxLength: 4 })
  .map((parts) => ({ role: "user", parts }));
const callTurn: fc.Arbitrary<Message[]> = fc
  .tuple(fc.array(text, { maxLength: 2 }), fc.uniqueArray(call, { minLength: 1, maxLength: 3, selector: (part) => part.id }), words)
  .map(([said, calls, answer]): Message[] => {
    const parts: AssistantPart[] = [...said, ...calls];
    // In another order than the calls: pairs are made by id alone.
    const results: UserPart[] = calls
      .toReversed()
      .map((part) => ({ type: "tool-result", id: part.id, parts: [{ type: "text", text: answer }] }));
    return [
      { role: "assistant", parts },
      { role: "user", parts: results },
    ];
  });
const sayTurn: fc.Arbitrary<Message[]> = fc
  .tuple(fc.array(text, { minLength: 1, maxLength: 2 }), userTurn)
  .map(([parts, next]): Message[] => [{ role: "assistant", parts }, next]);
const system: fc.Arbitrary<Message[]> = fc
  .option(text, { nil: undefined })
  .map((part): Message[] => (part ? [{ role: "system", parts: [part] }] : []));

const schema = fc.record({ type: fc.constant("object"), properties: fc.dictionary(name, fc.constant({ type: "string" }), { maxKeys: 3 }) });
const tool: fc.Arbitrary<Tool> = fc.record({
  type: fc.constant("function" as const),
  name,
  description: words,
  parameters: schema,
  strict: fc.boolean(),
});
const choice = fc.oneof(
  fc.constantFrom({ type: "auto" } as const, { type: "required" } as const),
  name.map((chosen) => ({ type: "tool", name: chosen }) as const),
);

const request: fc.Arbitrary<ChatRequest> = fc
  .tuple(
    system,
    userTurn,
    fc.array(fc.oneof(callTurn, sayTurn), { maxLength: 4 }),
    fc.array(tool, { maxLength: 3 }),
    choice,
    fc.boolean(),
    fc.boolean(),
  )
  .chain(([first, user, turns, tools, toolChoice, parallel, stream]) =>
    fc
      .record({
        maxTokens: fc.integer({ min: 16, max: 100_000 }),
        temperature: fc.double({ min: 0, max: 1, noNaN: true }),
        topP: fc.double({ min: 0, max: 1, noNaN: true }),
      })
      .map((sampling) => ({
        model: "m",
        stream,
        messages: [...first, user, ...turns.flat()],
        sampling: JSON.parse(JSON.stringify(sampling)),
        ...(tools.length > 0 && { tools, toolChoice, ...(!parallel && { parallelToolCalls: false }) }),
      })),
  );

/** Formats say different things about storing and usage when nothing was said. */
function common(decoded: ChatRequest): unknown {
  const { store: _store, streamUsage: _streamUsage, ...rest } = decoded;
  return rest;
}

const response: fc.Arbitrary<ChatResponse> = fc
  .tuple(
    fc.option(words),
    fc.option(words),
    fc.uniqueArray(call, { maxLength: 3, selector: (part) => part.id }),
    fc.nat(1000),
    fc.nat(1000),
    fc.nat(1000),
  )
  .map(
    ([thought, said, calls, inputTokens, inputTokensCached, outputTokens]): ChatResponse => ({
      id: "msg_1",
      model: "m",
      choices: [
        {
          parts: [
            ...(thought === null ? [] : [{ type: "reasoning", texts: [{ form: "summary", text: thought }] } as const]),
            ...(said === null ? [] : [{ type: "text", text: said } as const]),
            ...calls,
          ],
          finish: { reason: calls.length > 0 ? "tool-calls" : "stop" },
        },
      ],
      usage: { inputTokens, inputTokensCached, outputTokens, reasoningTokens: 0 },
    }),
  );

function meaningOf({ choices, usage }: ChatResponse): unknown {
  return {
    usage,
    choices: choices.map(({ parts, finish }) => ({
      reason: finish.reason,
      parts: parts.map(({ itemId: _itemId, ...part }: AssistantPart & { itemId?: string }) => part),
    })),
  };
}

describe.each(CHAT_CODECS.map((codec) => [codec.wire, codec] as const))("%s", (wire, codec) => {
  test("a conversation of the common subset comes back as it was", () => {
    fc.assert(
      fc.property(request, (asked) => {
        const { json, losses } = codec.encodeRequest(asked);
        expect(losses).toEqual([]);
        expect(common(codec.decodeRequest(JSON.parse(JSON.stringify(json))))).toEqual(common(asked));
      }),
      { numRuns: 200 },
    );
  });

  test("the same history with one more turn begins with the same bytes, or caches of prompts miss", () => {
    fc.assert(
      fc.property(request, callTurn, (asked, turn) => {
        const written = (messages: readonly Message[]): string => {
          const { json } = codec.encodeRequest({ ...asked, messages });
          return JSON.stringify(json["messages"] ?? json["input"]).slice(0, -1);
        };
        expect(written([...asked.messages, ...turn])).toStartWith(written(asked.messages));
      }),
      { numRuns: 100 },
    );
  });

  test("an answer of the common subset comes back as it was, whole and streamed", () => {
    fc.assert(
      fc.property(response, (answer) => {
        const whole = codec.decodeResponse(JSON.parse(JSON.stringify(codec.encodeResponse(answer).json)));
        expect(meaningOf(whole)).toEqual(meaningOf(answer));
        const encoder = codec.encodeStream({ request: { model: "m", stream: true, messages: [], sampling: {}, streamUsage: true } });
        const decoder = codec.decodeStream();
        const events = splitSse(new TextDecoder().decode(encoder.push([...unfoldResponse(answer)]))).flatMap(({ data, name: event }) =>
          decoder.push(data, event),
        );
        expect(meaningOf(foldEvents([...events, ...decoder.end()]))).toEqual(meaningOf(answer));
      }),
      { numRuns: 200 },
    );
  });

  test("every recorded request means the same after it went through the IR", () => {
    const everything = {
      reasoningBack: "reasoning_details",
      cacheMarks: wire === "openai-chat" ? "cache_control" : true,
      systemAnywhere: true,
      topK: true,
    };
    const unequal: string[] = [];
    let compared = 0;
    for (const { id: case_, request: body, status } of exchangesOf(API_OF[wire]!)) {
      if (status !== 200 || typeof body !== "object" || body === null || !("model" in body)) continue;
      const asked = codec.decodeRequest(body);
      const back = codec.decodeRequest(JSON.parse(JSON.stringify(codec.encodeRequest(asked, everything).json)));
      compared += 1;
      if (!Bun.deepEquals(plain(asked), plain(back))) unequal.push(case_);
    }
    expect(compared).toBeGreaterThan(180);
    expect(unequal.filter((case_) => !UNEQUAL.has(case_))).toEqual([]);
  });
});

/** Leaves out what means the same whether it is said or not. */
function plain(asked: ChatRequest): unknown {
  const { streamUsage: _streamUsage, tools, parallelToolCalls, messages, ...rest } = asked;
  return {
    ...rest,
    messages: messages.filter((message) => message.parts.length > 0 || message.role !== "assistant"),
    ...(tools?.length && { tools }),
    ...(parallelToolCalls === false && { parallelToolCalls }),
  };
}

/** Requests that do not come back as they were, and why that is right. */
const UNEQUAL: ReadonlyMap<string, string> = new Map([
  [
    "openrouter/ruby-llm--chat-string-tool-results-openrouter-claude-haiku-4-5-preserves-strings-returned-from-tools#1",
    "Pictures in a tool's answer move to a user's message, where all providers take them.",
  ],
  [
    "perplexity/ruby-llm--chat-with-params-perplexity-sonar-supports-json-schema-response-format-param#0",
    "A schema needs a name, and gets one.",
  ],
]);
