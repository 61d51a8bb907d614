import { describe, expect, test } from "bun:test";
import type { ChatRequest, Message } from "../../../src/ir/chat.ts";
import { geminiGenerateCodec as codec } from "../../../src/wire/gemini-generate/codec.ts";
import { ALL_CODECS } from "./answers.ts";
import { RECORDED } from "./recorded.ts";

/** A part as the format writes it. */
type Part = Readonly<Record<string, unknown>> & {
  readonly functionCall?: object;
  readonly functionResponse?: { readonly name: string; readonly [key: string]: unknown };
  readonly thoughtSignature?: string;
};

/** What the tests look at of a request. */
interface Body {
  readonly contents: readonly { readonly role: string; readonly parts: readonly Part[] }[];
  readonly tools?: readonly {
    readonly functionDeclarations: readonly { readonly parametersJsonSchema: { readonly properties: object } }[];
  }[];
  readonly toolConfig?: object;
  readonly generationConfig?: object;
}

const modelOf = (path: string | null, body: object): string => {
  const named = /models\/([^:]+):/.exec(path ?? "")?.[1];
  return named === undefined || named === "{model}" ? String((body as { model?: string }).model ?? "gemini-2.5-flash") : named;
};

const asked: Omit<ChatRequest, "messages"> = { model: "gemini-3-flash-preview", stream: false, sampling: {} };
const said = (...messages: Message[]): ChatRequest => ({ ...asked, messages });
const encode = (request: ChatRequest): Body => codec.encodeRequest(request).json as unknown as Body;
const decode = (body: object): ChatRequest => codec.decodeRequest(body);
const user = (text: string): Message => ({ role: "user", parts: [{ type: "text", text }] });
const call = (id: string, name = "f", more = {}) => ({ type: "tool-call", id, name, argumentsJson: '{"a":1}', ...more }) as const;
const result = (id: string, text: string, more = {}) => ({ type: "tool-result", id, parts: [{ type: "text", text }], ...more }) as const;
const lossesOf = (request: ChatRequest): string[] => codec.encodeRequest(request).losses.map(({ what }) => what);

describe("recorded requests", () => {
  const requests = RECORDED.flatMap(({ name, exchange, request, status }) =>
    request === undefined || typeof request !== "object" || status !== 200
      ? []
      : [{ name, body: request, model: modelOf(exchange.request.url_path, request) }],
  );

  test("can be written in every format", () => {
    expect(requests.length).toBeGreaterThan(200);
    for (const { body } of requests) {
      const request = decode(body);
      for (const other of ALL_CODECS)
        expect(JSON.stringify(other.encodeRequest({ ...request, model: "m" }).json).length).toBeGreaterThan(2);
    }
  });

  test("lose nothing on the way back, and mean the same", () => {
    for (const { name, body, model } of requests) {
      const before = { ...decode(body), model };
      const { json, losses } = codec.encodeRequest(before);
      const after = { ...decode(JSON.parse(JSON.stringify(json))), model };
      expect({ name, losses, ...comparable(after) }).toEqual({ name, losses: [], ...comparable(before) });
    }
  });

  /** Neighbours of one role become one content; and thoughts are shown to those who ask for an amount of them. */
  function comparable({ messages, reasoning, ...rest }: ChatRequest): object {
    const merged: { role: string; parts: unknown[] }[] = [];
    for (const { role, parts } of messages) {
      if (merged.at(-1)?.role === role) merged.at(-1)!.parts.push(...parts);
      else merged.push({ role, parts: [...parts] });
    }
    const { display: _display, ...wish } = reasoning ?? {};
    return { ...rest, wish, messages: merged };
  }
});

describe("a request of Google's client", () => {
  test("may be spelled in either way", () => {
    const snake = {
      system_instruction: { parts: [{ text: "s" }] },
      contents: [
        {
          role: "user",
          parts: [{ inline_data: { mime_type: "image/png", data: "aGk=" } }, { file_data: { file_uri: "https://x/y.pdf" } }],
        },
      ],
      tools: [{ function_declarations: [{ name: "f", parameters_json_schema: { type: "object" } }] }, { google_search: {} }],
      tool_config: { function_calling_config: { mode: "any", allowed_function_names: ["f"] } },
      generation_config: {
        max_output_tokens: 5,
        stop_sequences: ["a"],
        thinking_config: { thinking_budget: 0 },
        response_mime_type: "application/json",
      },
    };
    const camel = {
      systemInstruction: "s",
      contents: { parts: [{ inlineData: { mimeType: "image/png", data: "aGk=" } }, { fileData: { fileUri: "https://x/y.pdf" } }] },
      tools: [{ functionDeclarations: [{ name: "f", parametersJsonSchema: { type: "object" } }], googleSearch: {} }],
      toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["f"] } },
      generationConfig: {
        maxOutputTokens: 5,
        stopSequences: ["a"],
        thinkingConfig: { thinkingBudget: 0 },
        responseMimeType: "application/json",
      },
    };
    expect(decode(snake)).toEqual(decode(camel));
    expect(decode(camel)).toMatchObject({
      messages: [{ role: "system", parts: [{ text: "s" }] }, { parts: [{ type: "image" }, { type: "file", source: { type: "url" } }] }],
      tools: [{ type: "function", name: "f" }, { type: "web-search" }],
      toolChoice: { type: "tool", name: "f" },
      reasoning: { mode: "off" },
      format: { type: "json" },
      sampling: { maxTokens: 5, stop: ["a"] },
    });
  });

  test("pairs results with calls by id, else by the name of the first call without an answer", () => {
    const functionCall = (name: string, id?: string) => ({ functionCall: { name, args: {}, ...(id && { id }) } });
    const functionResponse = (name: string, output: string, id?: string) => ({
      functionResponse: { name, response: { output }, ...(id && { id }) },
    });
    const { messages } = decode({
      contents: [
        { role: "user", parts: [{ text: "hi" }] },
        { role: "model", parts: [functionCall("f"), functionCall("g"), functionCall("f"), functionCall("h", "own")] },
        {
          role: "user",
          parts: [
            functionResponse("h", "1", "own"),
            functionResponse("g", "3"),
            functionResponse("f", "2"),
            functionResponse("f", "4"),
            functionResponse("z", "5"),
          ],
        },
      ],
    });
    expect(messages[1]!.parts.map((part) => part.type === "tool-call" && part.id)).toEqual(["call_1_0", "call_1_1", "call_1_2", "own"]);
    expect(messages[2]!.parts.map((part) => part.type === "tool-result" && part.id)).toEqual([
      "own",
      "call_1_1",
      "call_1_0",
      "call_1_2",
      "call_unknown_2_4",
    ]);
  });

  test("may give the model's words in the pieces in which they were streamed", () => {
    const { messages } = decode({
      contents: [
        { role: "user", parts: [{ text: "hi" }] },
        { role: "model", parts: [{ text: "Hm", thought: true }] },
        { role: "model", parts: [{ text: "m", thought: true }] },
        { role: "model", parts: [{ text: "Hel" }] },
        { role: "model", parts: [{ text: "lo" }] },
        { role: "model", parts: [{ text: "", thoughtSignature: "sig" }] },
      ],
    });
    expect(messages[1]).toMatchObject({
      role: "assistant",
      parts: [
        { type: "reasoning", texts: [{ text: "Hmm" }] },
        { type: "text", text: "Hello" },
        { type: "reasoning", texts: [], opaque: { value: "sig" } },
      ],
    });
    expect(encode({ ...asked, messages }).contents[1]!.parts).toEqual([
      { text: "Hmm", thought: true },
      { text: "Hello" },
      { text: "", thoughtSignature: "sig" },
    ]);
  });

  test("brings back another vendor's reasoning, sealed, to that vendor alone", () => {
    const opaque = { issuer: "anthropic-messages", kind: "signature", value: "sig==" } as const;
    const reasoning = { type: "reasoning", texts: [{ form: "summary", text: "Hm" }], opaque } as const;
    const choices = [{ parts: [reasoning, call("1", "f")], finish: { reason: "tool-calls" } as const }];
    const { json } = codec.encodeResponse({ id: "r", model: "m", choices });
    const written = (json as unknown as { candidates: [{ content: { parts: Part[] } }] }).candidates[0].content.parts;
    const [thought] = written;
    expect(thought!.thoughtSignature).toMatch(/^[A-Za-z0-9+/]+=*$/);
    const { messages } = decode({ contents: [{ role: "model", parts: written }] });
    expect(messages[0]!.parts[0]).toEqual(reasoning);
    expect(encode({ ...asked, messages }).contents[0]!.parts).toEqual([
      { functionCall: { id: "1", name: "f", args: { a: 1 } }, thoughtSignature: "skip_thought_signature_validator" },
    ]);
    expect(lossesOf({ ...asked, messages })).toEqual(["reasoning"]);
  });

  test.each([
    [{ mode: "AUTO" }, { type: "auto" }],
    [{ mode: "VALIDATED" }, { type: "auto" }],
    [{ mode: "NONE" }, { type: "none" }],
    [{ mode: "ANY" }, { type: "required" }],
    [
      { mode: "ANY", allowedFunctionNames: ["f"] },
      { type: "tool", name: "f" },
    ],
    [
      { mode: "ANY", allowedFunctionNames: ["f", "g"] },
      { type: "allowed", names: ["f", "g"], required: true },
    ],
    [
      { mode: "VALIDATED", allowedFunctionNames: ["f", "g"] },
      { type: "allowed", names: ["f", "g"], required: false },
    ],
  ] as const)("chooses tools by %j, there and back", (functionCallingConfig, choice) => {
    const body = { contents: [], tools: [{ functionDeclarations: [{ name: "f" }] }], toolConfig: { functionCallingConfig } };
    expect(decode(body).toolChoice).toEqual(choice as never);
    expect(encode({ ...decode(body), model: "m" }).toolConfig).toEqual({ functionCallingConfig });
  });

  test("has its schemas made JSON Schema: types, what may be null, the order of properties, counts as text", () => {
    const parameters = {
      type: "OBJECT",
      properties: {
        b: { type: "STRING", nullable: true, enum: ["x"] },
        a: { type: "ARRAY", items: { type: "INTEGER" }, minItems: "2" },
        type: { anyOf: [{ type: "NUMBER" }], nullable: true },
      },
      propertyOrdering: ["a", "b"],
      required: ["a"],
    };
    const [tool] = decode({ contents: [], tools: [{ functionDeclarations: [{ name: "f", parameters }] }] }).tools!;
    expect(JSON.stringify((tool as { parameters: object }).parameters)).toBe(
      JSON.stringify({
        type: "object",
        properties: {
          a: { type: "array", items: { type: "integer" }, minItems: 2 },
          b: { type: ["string", "null"], enum: ["x", null] },
          type: { anyOf: [{ anyOf: [{ type: "number" }] }, { type: "null" }] },
        },
        required: ["a"],
      }),
    );
  });

  test("keeps the digits of numbers in arguments", () => {
    const text = '{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":{"id":12345678901234567890,"x":1.0}}}]}]}';
    const { messages } = decode(
      JSON.parse(text, (_, value, context?: { source?: string }) =>
        typeof value === "number" ? (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(context!.source!) : value,
      ),
    );
    expect(messages[0]!.parts[0]).toMatchObject({ argumentsJson: '{"id":12345678901234567890,"x":1.0}' });
    expect(JSON.stringify(encode({ ...asked, messages }))).toContain('{"id":12345678901234567890,"x":1.0}');
  });

  test.each([
    [{}, "contents"],
    [{ contents: [{ role: "system", parts: [] }] }, "contents[0].role"],
    [{ contents: [{ parts: [{ functionCall: 1 }, { text: 5 }] }] }, "contents[0].parts[1].text"],
    [{ contents: [{ role: "model", parts: [{ functionCall: { args: {} } }] }] }, "contents[0].parts[0].functionCall.name"],
    [{ contents: [], generationConfig: { temperature: "hot" } }, "generationConfig.temperature"],
    [{ contents: [], toolConfig: { functionCallingConfig: { mode: "SOME" } } }, "toolConfig.functionCallingConfig.mode"],
  ])("that is wrong is refused by the name of its field: %j", (body, param) => {
    try {
      decode(body);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ kind: "invalid_request", param });
    }
  });
});

describe("a request to Gemini", () => {
  test("answers all calls of a turn in one content, in the order of the calls, before anything else", () => {
    const messages: Message[] = [
      user("hi"),
      { role: "assistant", parts: [call("1", "f"), call("2", "g")] },
      { role: "user", parts: [{ type: "text", text: "also" }, result("2", "two")] },
      { role: "user", parts: [result("1", "one", { isError: true })] },
    ];
    const { contents } = encode(said(...messages));
    expect(contents.map(({ role }) => role)).toEqual(["user", "model", "user"]);
    expect(contents[2]!.parts).toEqual([
      { functionResponse: { id: "2", name: "g", response: { output: "two" } } },
      { functionResponse: { id: "1", name: "f", response: { error: "one" } } },
      { text: "also" },
    ]);
    const together = encode(said(messages[0]!, messages[1]!, { role: "user", parts: [result("2", "two"), result("1", "one")] }));
    expect(together.contents[2]!.parts.map((part) => part.functionResponse!.name)).toEqual(["f", "g"]);
  });

  test("marks the first call of a turn that Gemini did not sign, for models that refuse it otherwise", () => {
    const signed = call("3", "f", { opaque: { issuer: "gemini-generate", kind: "signature", value: "sig" } });
    const messages: Message[] = [
      user("hi"),
      { role: "assistant", parts: [call("1"), call("2")] },
      user("more"),
      { role: "assistant", parts: [signed, call("4")] },
    ];
    const signatures = (model: string) =>
      encode({ ...asked, model, messages }).contents.flatMap(({ parts }) =>
        parts.flatMap((part) => (part.functionCall ? [part.thoughtSignature ?? "none"] : [])),
      );
    expect(signatures("gemini-3-flash-preview")).toEqual(["skip_thought_signature_validator", "none", "sig", "none"]);
    expect(signatures("gemini-2.5-flash")).toEqual(["none", "none", "sig", "none"]);
  });

  test("that has only a system prompt asks it as the question", () => {
    expect(encode(said({ role: "system", parts: [{ type: "text", text: "s" }] }))).toMatchObject({
      contents: [{ role: "user", parts: [{ text: "s" }] }],
    });
  });

  test("shows pictures, documents and sound; what lies with another vendor is a loss of content", () => {
    const { json, losses } = codec.encodeRequest(
      said({
        role: "user",
        parts: [
          { type: "image", source: { type: "base64", mediaType: "image/png", data: "a" } },
          { type: "image", source: { type: "url", url: "https://x/y.webp?z" } },
          { type: "file", source: { type: "text", mediaType: "text/plain", text: "é" } },
          { type: "file", source: { type: "file", id: "file_1", issuer: "openai-chat" } },
          { type: "audio", data: "b", format: "mp3" },
        ],
      }),
    );
    expect((json as unknown as Body).contents[0]!.parts).toEqual([
      { inlineData: { mimeType: "image/png", data: "a" } },
      { fileData: { fileUri: "https://x/y.webp?z", mimeType: "image/webp" } },
      { inlineData: { mimeType: "text/plain", data: "w6k=" } },
      { inlineData: { mimeType: "audio/mp3", data: "b" } },
    ]);
    expect(losses).toMatchObject([{ path: "messages[0].parts[3]", weight: "content" }]);
  });

  test.each([
    [
      "gemini-3-flash-preview",
      [
        {
          functionResponse: { id: "1", name: "f", response: { output: "" }, parts: [{ inlineData: { mimeType: "image/png", data: "a" } }] },
        },
      ],
    ],
    [
      "gemini-2.5-flash",
      [
        { functionResponse: { id: "1", name: "f", response: { output: "The answer of this tool follows." } } },
        { text: "From the answer of tool call 1:" },
        { inlineData: { mimeType: "image/png", data: "a" } },
      ],
    ],
  ])("carries pictures that tools made, to %s", (model, parts) => {
    const picture = { type: "image", source: { type: "base64", mediaType: "image/png", data: "a" } } as const;
    const messages: Message[] = [
      { role: "assistant", parts: [call("1")] },
      { role: "user", parts: [{ type: "tool-result", id: "1", parts: [picture] }] },
    ];
    expect(encode({ ...asked, model, messages }).contents[1]!.parts).toEqual(parts);
  });

  test.each([
    ["gemini-3-pro-preview", { mode: "adaptive", effort: "high" }, { includeThoughts: true, thinkingLevel: "HIGH" }],
    ["gemini-3-pro-preview", { mode: "adaptive", effort: "xhigh" }, { includeThoughts: true, thinkingLevel: "HIGH" }],
    ["gemini-3-pro-preview", { mode: "budget", budgetTokens: 2000 }, { includeThoughts: true, thinkingBudget: 2000 }],
    ["gemini-3-pro-preview", { mode: "adaptive" }, { includeThoughts: true }],
    ["gemini-3-pro-preview", { mode: "off" }, { thinkingLevel: "MINIMAL" }],
    ["gemini-2.5-flash", { mode: "adaptive", effort: "low" }, { includeThoughts: true, thinkingBudget: 1024 }],
    ["gemini-2.5-flash", { mode: "adaptive", effort: "max" }, { includeThoughts: true, thinkingBudget: 24_576 }],
    ["gemini-2.5-flash", { mode: "adaptive" }, { includeThoughts: true, thinkingBudget: -1 }],
    ["gemini-2.5-flash", { mode: "off" }, { thinkingBudget: 0 }],
    ["gemini-2.5-flash", { mode: "adaptive", effort: "low", display: "omitted" }, { includeThoughts: false, thinkingBudget: 1024 }],
  ] as const)("tells %s to think %j", (model, reasoning, thinkingConfig) => {
    expect(encode({ ...said(user("hi")), model, reasoning }).generationConfig).toEqual({ thinkingConfig });
  });

  test("says what it can not carry", () => {
    const everything: ChatRequest = {
      ...said(user("hi")),
      tools: [
        {
          type: "function",
          name: "f",
          strict: true,
          cache: {},
          parameters: {
            type: "object",
            properties: { x: { type: "number", exclusiveMinimum: 0 }, n: { type: "integer", exclusiveMinimum: 0 } },
          },
        },
      ],
      parallelToolCalls: false,
      sampling: { stop: ["1", "2", "3", "4", "5", "6"] },
      verbosity: "low",
      endUser: "u",
      metadata: {},
      store: true,
      cacheKey: "k",
      bags: { "openai-chat": { logit_bias: {} } },
    };
    expect(lossesOf(everything).sort()).toEqual(
      [
        "cache_control",
        "exclusiveMinimum",
        "logit_bias",
        "metadata",
        "parallel_tool_calls",
        "prompt_cache_key",
        "stop",
        "store",
        "strict",
        "user",
        "verbosity",
      ].sort(),
    );
    const { parametersJsonSchema } = encode(everything).tools![0]!.functionDeclarations[0]!;
    expect(parametersJsonSchema.properties).toEqual({
      x: { type: "number", description: "(exclusiveMinimum: 0)" },
      n: { type: "integer", minimum: 1 },
    });
  });

  test("begins with the same bytes when the history has one more turn", () => {
    const history: Message[] = [
      user("hi"),
      { role: "assistant", parts: [{ type: "text", text: "a" }, call("1"), call("2")] },
      { role: "user", parts: [result("2", "y"), result("1", "x")] },
    ];
    const more: Message[] = [...history, { role: "assistant", parts: [{ type: "text", text: "b" }] }, user("c")];
    expect(JSON.stringify(encode(said(...more)).contents)).toStartWith(JSON.stringify(encode(said(...history)).contents).slice(0, -1));
  });
});
