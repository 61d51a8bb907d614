import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { NdjsonReader } from "../../../src/bytes/ndjson.ts";
import type { ChatEvent } from "../../../src/ir/chat-events.ts";
import type { ChatRequest, ChatResponse, Message } from "../../../src/ir/chat.ts";
import { foldEvents } from "../../../src/ir/fold-events.ts";
import { ollamaChatCodec as codec } from "../../../src/wire/ollama-chat/codec.ts";
import { endStream } from "../../../src/wire/stream-events.ts";
import { exchangesOf, isStream, recordings, responseBytes } from "../../support/recordings.ts";
import { ALL_CODECS, ANSWERS } from "../gemini-generate/answers.ts";
import { escapeOf, placesOf, withAt, WRONG } from "../gemini-generate/hostile.ts";

const RECORDED = recordings({ provider: "ollama" }).flatMap((row) =>
  exchangesOf(row).map((exchange, index) => ({
    name: `${row.id}#${index}`,
    request: exchange.request.body as Record<string, unknown>,
    isStream: isStream(exchange.response),
    bytes: responseBytes(exchange.response),
  })),
);
const REQUEST = { model: "m", stream: true, messages: [], sampling: {} } as const;

const linesOf = (text: string): string[] => text.split("\n").filter((line) => line.trim() !== "");
const said = (events: readonly ChatEvent[]): string =>
  JSON.stringify(events, (_key, value) => (value instanceof Error ? value.message : value));

function decode(lines: readonly string[]): ChatEvent[] {
  const decoder = codec.decodeStream();
  return [...lines.flatMap((line) => decoder.push(line)), ...decoder.end()];
}

/** Reads a stream as it comes in chunks, with the product's own splitter. */
function read(chunks: readonly Uint8Array[]): ChatEvent[] {
  const reader = new NdjsonReader();
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

/** What clients hold such a stream to. Returns what is broken. */
function brokenRules(text: string): string[] {
  const broken: string[] = [];
  const must = (holds: boolean, rule: string): void => void (holds || broken.push(rule));
  must(text.endsWith("\n") && !text.includes("\n\n"), "every line has its end, and none is empty");
  const lines = linesOf(text).map((line) => JSON.parse(line));
  for (const [index, line] of lines.entries()) {
    const isLast = index === lines.length - 1;
    must(line.done === isLast, "the last line is done, and no other");
    must(typeof line.model === "string" && line.model === lines[0].model, "the model is the same in all lines");
    must(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(line.created_at), "every line has its moment");
    must(line.message?.role === "assistant" && typeof line.message.content === "string", "every line has a message of the assistant's");
    for (const call of line.message?.tool_calls ?? []) {
      const { name, arguments: args } = call.function;
      must(
        typeof name === "string" && typeof args === "object" && args !== null && !Array.isArray(args),
        "a call has its name and an object",
      );
    }
    if (!isLast) continue;
    must(["stop", "length", "content_filter"].includes(line.done_reason), "the reason is known");
    for (const key of ["total_duration", "load_duration", "prompt_eval_duration", "eval_duration", "prompt_eval_count", "eval_count"])
      must(Number.isInteger(line[key]) && line[key] >= 0, `${key} is a whole number`);
  }
  must(lines.length > 0, "there is a line");
  return broken;
}

/** One text, one thinking, and calls are all that the format knows of an answer. */
function comparable({ choices, usage }: ChatResponse): unknown {
  const { parts, finish } = choices[0]!;
  const of = (type: string): string => parts.flatMap((part) => (part.type === type && "text" in part ? [part.text] : [])).join("");
  return {
    input: usage === undefined ? 0 : usage.inputTokens + usage.inputTokensCached,
    output: usage === undefined ? 0 : usage.outputTokens + usage.reasoningTokens,
    reason: finish.reason,
    text: of("text"),
    thinking: parts.flatMap((part) => (part.type === "reasoning" ? part.texts.map(({ text }) => text) : [])).join("\n\n"),
    calls: parts.flatMap((part) => (part.type === "tool-call" ? [[part.id, part.name, JSON.parse(part.argumentsJson || "{}")]] : [])),
  };
}

describe("Ollama's recorded exchanges", () => {
  test("lose nothing when they are written again", () => {
    expect(RECORDED.length).toBe(3);
    for (const { request, isStream: streamed, bytes } of RECORDED) {
      const asked = codec.decodeRequest(request);
      const encoded = codec.encodeRequest(asked);
      expect(encoded.losses).toEqual([]);
      expect(codec.decodeRequest(JSON.parse(JSON.stringify(encoded.json)))).toEqual(asked);
      const lines = linesOf(Buffer.from(bytes).toString());
      const response = streamed ? foldEvents(decode(lines)) : codec.decodeResponse(JSON.parse(lines[0]!));
      const { created_at: _at, ...last } = JSON.parse(lines.at(-1)!);
      const { json, losses } = codec.encodeResponse(response);
      expect(losses).toEqual([]);
      expect(json).toMatchObject(streamed ? { ...last, message: { role: "assistant" } } : last);
      for (const other of ALL_CODECS) {
        other.encodeRequest(asked);
        other.encodeResponse(response);
      }
    }
  });
});

describe("what is written to Ollama's clients", () => {
  test("keeps the rules of the format, whatever provider it is from", () => {
    const broken = new Map<string, string[]>();
    for (const { name, events } of ANSWERS) {
      const written = Buffer.from(
        codec.encodeStream({ request: REQUEST, nowS: 1_700_000_000, elapsedMs: () => 12.25 }).push(events),
      ).toString();
      for (const rule of brokenRules(written)) broken.set(rule, [...(broken.get(rule) ?? []), name]);
    }
    expect(Object.fromEntries(broken)).toEqual({});
  });

  test("is held to rules that can be broken", () => {
    const [answer] = ANSWERS;
    const good = Buffer.from(codec.encodeStream({ request: REQUEST }).push(answer!.events)).toString();
    expect(brokenRules(good)).toEqual([]);
    expect(brokenRules(good + good)).toContain("the last line is done, and no other");
    expect(brokenRules(good.replace('"done":true', '"done":false'))).toContain("the last line is done, and no other");
    expect(brokenRules(`\n${good}`)).toEqual([]);
    expect(brokenRules(good.trimEnd())).toEqual(["every line has its end, and none is empty"]);
    expect(brokenRules(good.replace(/"created_at":"[^"]*"/, '"created_at":"now"'))).toEqual(["every line has its moment"]);
    expect(brokenRules(good.replace(/"eval_count":\d+/, '"eval_count":null'))).toEqual(["eval_count is a whole number"]);
  });

  test("reads the same, streamed or whole", () => {
    for (const { name, events, response } of ANSWERS) {
      const whole = codec.decodeResponse(JSON.parse(JSON.stringify(codec.encodeResponse(response, { nowS: 1 }).json)));
      const streamed = foldEvents(decode(linesOf(Buffer.from(codec.encodeStream({ request: REQUEST }).push(events)).toString())));
      const { thinking: seen, ...rest } = comparable(streamed) as { thinking: string };
      const { thinking, ...wanted } = comparable(whole) as { thinking: string };
      expect({ name, ...rest }).toEqual({ name, ...wanted });
      // Pieces of several reasonings are set apart by empty lines in one and follow each other in the other.
      expect(seen.replaceAll(/\s/g, "")).toBe(thinking.replaceAll(/\s/g, ""));
    }
  });

  test("has the times that were measured, and those of a provider that measured them itself", () => {
    const clock = [5, 20, 30, 40, 50];
    const encoder = codec.encodeStream({ request: REQUEST, nowS: 10, elapsedMs: () => clock[0]! });
    let text = "";
    for (const event of ANSWERS.find(({ response }) => response.choices[0]!.parts.length === 1)!.events) {
      text += encoder.write(event);
      if (event.type === "text-delta") clock.shift();
      if (clock.length === 0) clock.push(99);
    }
    const last = JSON.parse(linesOf(text).at(-1)!);
    expect(last.prompt_eval_duration).toBe(5_000_000);
    expect(last.total_duration).toBe(last.prompt_eval_duration + last.eval_duration);
  });
});

describe("a stream of Ollama's", () => {
  const streams = [
    ...RECORDED.filter((recorded) => recorded.isStream).map(({ bytes }) => bytes),
    ...ANSWERS.filter(({ events }) => events.length < 40)
      .slice(0, 60)
      .map(({ events }) => codec.encodeStream({ request: REQUEST }).push(events)),
  ];

  test("gives the same events byte by byte, and wherever two cuts are, as at once", () => {
    for (const bytes of streams) expect(said(read(Array.from(bytes, (byte) => Uint8Array.of(byte))))).toBe(said(read([bytes])));
    fc.assert(
      fc.property(fc.constantFrom(...streams), fc.nat(), fc.nat(), (bytes, one, other) => {
        const [first, second] = [one % bytes.length, other % bytes.length].sort((left, right) => left - right) as [number, number];
        expect(said(read([bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]))).toBe(said(read([bytes])));
      }),
      { numRuns: 200 },
    );
  });

  test("that breaks off anywhere before its last line is whole ends in a failure and in nothing else", () => {
    for (const bytes of streams) {
      for (let length = 0; length < bytes.length - 1; length += 29) {
        const events = read([bytes.subarray(0, length)]);
        expect(events.at(-1)).toMatchObject({ type: "failure", error: { kind: "upstream_truncated" } });
        expect(events.filter(({ type }) => type === "failure" || type === "end").length).toBe(1);
      }
    }
  });

  test("is over with the line that is done, whatever follows", () => {
    const done = JSON.stringify({
      model: "m",
      created_at: "2026-01-01T00:00:00Z",
      message: { role: "assistant", content: "x" },
      done: true,
    });
    expect(said(decode([done, done, "{", '{"error":"x"}']))).toBe(said(decode([done])));
  });

  test.each([
    ['{"error":"boom"}', "upstream_failed"],
    ["{", "upstream_invalid"],
    ["[]", "upstream_invalid"],
    ['{"message":{"tool_calls":[{}]},"done":true}', "upstream_invalid"],
  ])("fails by %s", (line, kind) => {
    expect(decode([line, line])).toMatchObject([
      ...(kind === "upstream_invalid" && line.includes("message") ? [{ type: "start" }] : []),
      { type: "failure", error: { kind } },
    ]);
  });

  test("has calls in lines of their own, with and without ids", () => {
    const line = (message: object, done = false): string =>
      JSON.stringify({ model: "m", created_at: "2026-01-01T00:00:00.123456789Z", message, done });
    const call = (id?: string): object => ({ ...(id && { id }), function: { name: "f", arguments: { a: 1 } } });
    const { choices } = foldEvents(
      decode([
        line({ content: "x" }),
        line({ tool_calls: [call()] }),
        line({ tool_calls: [call("own"), call("own")] }),
        line({ content: "" }, true),
      ]),
    );
    expect(choices[0]!.finish.reason).toBe("tool-calls");
    const ids = choices[0]!.parts.flatMap((part) => (part.type === "tool-call" ? [part.id] : []));
    expect(ids).toEqual(["call_20260101T000000123456789Z_0", "own", "call_20260101T000000123456789Z_2"]);
  });
});

/** What the tests look at of a request. */
interface Body {
  readonly messages: readonly object[];
  readonly stream: boolean;
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
  readonly think?: unknown;
}

const asked: Omit<ChatRequest, "messages"> = { model: "llama3", stream: false, sampling: {} };
const user = (text: string): Message => ({ role: "user", parts: [{ type: "text", text }] });
const encode = (request: ChatRequest): Body => codec.encodeRequest(request).json as unknown as Body;
const lossesOf = (request: ChatRequest): string[] => codec.encodeRequest(request).losses.map(({ what }) => what);

describe("a request of Ollama's client", () => {
  test("is read whole", () => {
    const request = codec.decodeRequest({
      model: "m",
      messages: [
        { role: "system", content: "s" },
        { role: "user", content: "u", images: ["iVBORw0KGgoAAAA=", "data:image/gif;base64,R0lGODlh"] },
        {
          role: "assistant",
          content: "",
          thinking: "Hm",
          tool_calls: [{ function: { name: "f", arguments: { a: 1 } } }, { id: "own", function: { name: "g", arguments: '{"b":2}' } }],
        },
        { role: "tool", content: "G", tool_call_id: "own" },
        { role: "tool", content: "F" },
        { role: "tool", content: "?", tool_name: "z" },
      ],
      tools: [{ type: "function", function: { name: "f", description: "d", parameters: { type: "object" } } }],
      format: { type: "object" },
      options: { temperature: 0, num_predict: 5, stop: ["a"], num_ctx: 9 },
      think: "low",
      keep_alive: "5m",
      logprobs: true,
      top_logprobs: 2,
    });
    expect(request).toMatchObject({
      stream: true,
      sampling: { temperature: 0, maxTokens: 5, stop: ["a"], logprobs: true, topLogprobs: 2 },
      reasoning: { mode: "adaptive", effort: "low" },
      format: { type: "json-schema", schema: { type: "object" } },
      bags: { "ollama-chat": { options: { num_ctx: 9 }, keep_alive: "5m" } },
    });
    expect(request.messages.slice(1)).toMatchObject([
      {
        parts: [
          { text: "u" },
          { source: { mediaType: "image/png", data: "iVBORw0KGgoAAAA=" } },
          { source: { mediaType: "image/gif", data: "R0lGODlh" } },
        ],
      },
      {
        parts: [
          { type: "reasoning", texts: [{ form: "raw", text: "Hm" }] },
          { id: "call_2_0", argumentsJson: '{"a":1}' },
          { id: "own", argumentsJson: '{"b":2}' },
        ],
      },
      { parts: [{ id: "own" }, { id: "call_2_0" }, { id: "call_unknown_5" }] },
    ]);
    const again = codec.decodeRequest(JSON.parse(JSON.stringify(codec.encodeRequest(request, { thinkLevels: true }).json)));
    // An answer to a call that never was has no name to be found by.
    expect({ ...again, messages: again.messages.slice(0, 3) }).toEqual({ ...request, messages: request.messages.slice(0, 3) });
  });

  test("pairs results with calls by name and order where there are no ids", () => {
    const call = (name: string): object => ({ function: { name, arguments: {} } });
    const answers = ["g", "f", "f"].map((tool_name) => ({ role: "tool", tool_name, content: tool_name }));
    const messages = [{ role: "assistant", content: "", tool_calls: [call("f"), call("g"), call("f")] }, ...answers];
    const results = codec.decodeRequest({ model: "m", messages }).messages[1]!.parts;
    expect(results.map((part) => part.type === "tool-result" && part.id)).toEqual(["call_0_1", "call_0_0", "call_0_2"]);
  });

  test.each([
    [{ think: true }, { mode: "adaptive" }],
    [{ think: false }, { mode: "off" }],
    [{}, undefined],
  ] as const)("thinks by %j", (more, reasoning) => {
    expect(codec.decodeRequest({ model: "m", messages: [], ...more }).reasoning).toEqual(reasoning);
  });

  test.each([
    [{ messages: [] }, "model"],
    [{ model: "m", messages: [{ role: "nobody" }] }, "messages[0].role"],
    [{ model: "m", messages: [{ role: "user", content: [] }] }, "messages[0].content"],
    [{ model: "m", options: { temperature: "hot" } }, "options.temperature"],
    [{ model: "m", think: 5 }, "think"],
    [{ model: "m", format: "xml" }, "format"],
    [{ model: "m", tools: [{}] }, "tools[0].function"],
  ])("that is wrong is refused by the name of its field: %j", (body, param) => {
    try {
      codec.decodeRequest(body);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ kind: "invalid_request", param });
    }
  });
});

describe("a request to Ollama", () => {
  test("has arguments as objects, names with results, and says whether to stream", () => {
    const call = (id: string, argumentsJson: string) => ({ type: "tool-call", id, name: "f", argumentsJson }) as const;
    const json = encode({
      ...asked,
      messages: [
        user("hi"),
        { role: "assistant", parts: [call("1", '{"a":12345678901234567890}'), call("2", ""), call("3", '{"cut')] },
        {
          role: "user",
          parts: [
            { type: "tool-result", id: "1", parts: [{ type: "text", text: "x" }], isError: true },
            { type: "text", text: "more" },
          ],
        },
      ],
    });
    expect(json.stream).toBe(false);
    expect(json.messages[1]).toEqual({
      role: "assistant",
      content: "",
      tool_calls: [
        { id: "1", function: { index: 0, name: "f", arguments: expect.anything() } },
        { id: "2", function: { index: 1, name: "f", arguments: {} } },
        { id: "3", function: { index: 2, name: "f", arguments: { raw: '{"cut' } } },
      ],
    });
    expect(json.messages.slice(2)).toEqual([
      { role: "tool", content: "The tool failed:\nx", tool_name: "f", tool_call_id: "1" },
      { role: "user", content: "more" },
    ]);
  });

  test("shows pictures as bare bytes and documents as text; the rest is a loss of content", () => {
    const { json, losses } = codec.encodeRequest({
      ...asked,
      messages: [
        {
          role: "user",
          parts: [
            { type: "text", text: "a" },
            { type: "image", source: { type: "base64", mediaType: "image/png", data: "b" } },
            { type: "image", source: { type: "url", url: "https://x" } },
            { type: "file", source: { type: "text", mediaType: "text/plain", text: "c" } },
            { type: "file", source: { type: "base64", mediaType: "application/pdf", data: "d" } },
            { type: "audio", data: "e", format: "mp3" },
          ],
        },
      ],
    });
    expect(json["messages"]).toEqual([{ role: "user", content: "a\nc", images: ["b"] }]);
    expect(losses.map(({ path, weight }) => [path, weight])).toEqual([2, 4, 5].map((part) => [`messages[0].parts[${part}]`, "content"]));
  });

  test.each([
    [{ type: "none" }, [], []],
    [{ type: "auto" }, ["f", "g"], []],
    [{ type: "required" }, ["f", "g"], ["tool_choice"]],
    [{ type: "tool", name: "g" }, ["g"], ["tool_choice"]],
    [{ type: "allowed", names: ["f"], required: false }, ["f"], []],
    [{ type: "allowed", names: ["f"], required: true }, ["f"], ["tool_choice"]],
  ] as const)("has of its tools those that may be called: %j", (toolChoice, names, losses) => {
    const request: ChatRequest = {
      ...asked,
      messages: [user("hi")],
      tools: [
        { type: "function", name: "f" },
        { type: "function", name: "g" },
      ],
      toolChoice,
    };
    expect((encode(request).tools ?? []).map((tool) => tool.function.name)).toEqual([...names]);
    expect(lossesOf(request)).toEqual([...losses]);
  });

  test.each([
    ["llama3", { mode: "adaptive", effort: "high" }, true, ["reasoning_effort"]],
    ["gpt-oss:20b", { mode: "adaptive", effort: "high" }, "high", []],
    ["gpt-oss:20b", { mode: "adaptive", effort: "max" }, "high", []],
    ["llama3", { mode: "adaptive" }, true, []],
    ["llama3", { mode: "off" }, false, []],
  ] as const)("tells %s to think %j by %p", (model, reasoning, think, losses) => {
    const request = { ...asked, model, messages: [user("hi")], reasoning };
    expect(encode(request).think).toBe(think);
    expect(lossesOf(request)).toEqual([...losses]);
  });

  test("says what it can not carry", () => {
    const request: ChatRequest = {
      ...asked,
      messages: [{ role: "user", parts: [{ type: "text", text: "hi", cache: {} }] }],
      tools: [{ type: "function", name: "f", strict: true }, { type: "web-search" }],
      parallelToolCalls: false,
      sampling: { n: 2 },
      verbosity: "low",
      endUser: "u",
      metadata: {},
      store: true,
      cacheKey: "k",
      serviceTier: "flex",
      bags: { "openai-chat": { logit_bias: {} } },
    };
    expect(lossesOf(request).sort()).toEqual(
      [
        "cache_control",
        "logit_bias",
        "metadata",
        "n",
        "parallel_tool_calls",
        "prompt_cache_key",
        "service_tier",
        "store",
        "strict",
        "user",
        "verbosity",
        "web_search",
      ].sort(),
    );
  });

  test("begins with the same bytes when the history has one more turn", () => {
    const history: Message[] = [
      user("hi"),
      {
        role: "assistant",
        parts: [
          { type: "text", text: "a" },
          { type: "tool-call", id: "1", name: "f", argumentsJson: "{}" },
        ],
      },
      { role: "user", parts: [{ type: "tool-result", id: "1", parts: [] }] },
    ];
    const written = (messages: readonly Message[]): string => JSON.stringify(encode({ ...asked, messages }).messages).slice(0, -1);
    expect(written([...history, user("more")])).toStartWith(written(history));
  });
});

describe("anything", () => {
  const request = {
    model: "m",
    messages: [
      { role: "user", content: "u", images: ["a"] },
      { role: "assistant", content: "c", thinking: "t", tool_calls: [{ id: "1", function: { name: "f", arguments: { a: 1 } } }] },
      { role: "tool", content: "x", tool_name: "f" },
    ],
    tools: [{ type: "function", function: { name: "f", parameters: { type: "object" } } }],
    options: { temperature: 1, stop: ["a"], num_predict: 3 },
    format: { type: "object" },
    think: "low",
  };
  const answer = {
    model: "m",
    created_at: "2026-01-01T00:00:00Z",
    message: { ...request.messages[1] },
    done: true,
    done_reason: "stop",
    eval_count: 3,
    logprobs: [{ token: "a" }],
  };

  test("may stand anywhere: it is read or refused, and what is read can be written", () => {
    for (const [whose, sample] of [
      ["client", request],
      ["provider", answer],
    ] as const) {
      for (const path of placesOf(sample)) {
        for (const wrong of WRONG) {
          const run = (): void => {
            const value = withAt(sample, path, wrong);
            if (whose === "client") {
              const decoded = codec.decodeRequest(value);
              for (const other of ALL_CODECS) other.encodeRequest(decoded);
              return;
            }
            const events = decode([JSON.stringify(value)]);
            for (const other of ALL_CODECS) other.encodeStream().push(events);
            const response = codec.decodeResponse(value);
            for (const other of ALL_CODECS) other.encodeResponse(response);
          };
          expect([path, wrong, escapeOf(run, whose)]).toEqual([path, wrong, undefined]);
        }
      }
    }
  });

  test("of JSON never throws anything but an OmniError", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect(escapeOf(() => codec.decodeRequest(value), "client")).toBeUndefined();
        expect(escapeOf(() => codec.decodeResponse(value), "provider")).toBeUndefined();
        decode([JSON.stringify(value)]);
      }),
      { numRuns: 500 },
    );
  });

  test("that is nested too deeply is refused", () => {
    const deep = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
    const line = `{"model":"m","message":{"tool_calls":[{"function":{"name":"f","arguments":${deep}}}]},"done":true}`;
    expect(decode([line]).at(-1)).toMatchObject({ type: "failure", error: { kind: "upstream_invalid" } });
  });
});
