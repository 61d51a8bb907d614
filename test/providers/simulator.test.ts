import { describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { Compile } from "typebox/compile";
import { answer } from "../../src/providers/simulator/answer.ts";
import { listen } from "../../src/providers/simulator/listen.ts";
import { SimulatorSession } from "../../src/providers/simulator/session.ts";
import { mannerOf, SIMULATOR_SETTINGS, type SimulatorSettings } from "../../src/providers/simulator/settings.ts";
import { sampleOf } from "../../src/providers/simulator/sample.ts";
import { tokensOf } from "../../src/providers/simulator/tokens.ts";
import { ManualClock, seededRandom } from "../../src/world/simulated.ts";
import { systemWorld } from "../../src/world/system.ts";
import { exchangesOf, recordings } from "../support/recordings.ts";

const QUICK: SimulatorSettings = { pace: "0ms", firstTokenDelay: "0ms" };
const hello = [{ role: "user", content: "Hello there, simulator." }] as const;

function stageOf(settings: SimulatorSettings = QUICK) {
  const clock = new ManualClock();
  return { clock, random: seededRandom(1, clock), manner: mannerOf(settings) };
}

/** Asks the simulator without any network. */
function ask(body: unknown, method = "POST", path = "/chat/completions") {
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const answered = answer({ method, path, headers: { get: () => null }, body: bytes }, stageOf());
  if (answered.type !== "answer") throw new Error("It should have answered.");
  const text = Buffer.concat([...answered.steps].map((step) => step.bytes)).toString();
  return {
    status: answered.status,
    headers: answered.headers,
    text,
    get json() {
      return JSON.parse(text);
    },
  };
}

/** The JSON of each event of a stream, `[DONE]` left out. */
function eventsOf(text: string) {
  const data = text
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => event.replace(/^data: /, ""));
  expect(data.at(-1)).toBe("[DONE]");
  return data.slice(0, -1).map((json) => JSON.parse(json));
}

const weather = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: {
      type: "object",
      properties: { city: { type: "string" }, unit: { enum: ["C", "F"] }, days: { type: "integer" } },
      required: ["city", "unit"],
    },
  },
} as const;
const time = { type: "function", function: { name: "get_time", parameters: { type: "object", properties: {} } } } as const;

describe("an answer", () => {
  test("has the fields that OpenAI's have, and no others", () => {
    const recorded = recordings({ provider: "openai", api: "chat", stream: false })
      .flatMap(exchangesOf)
      .find(({ response }) => response.status === 200 && JSON.stringify(response.body).includes('"annotations"'))?.response.body;
    expect(shapeOf(ask({ model: "writer", messages: hello }).json)).toEqual(shapeOf(recorded));
  });

  test("streams in chunks with the fields that OpenAI's have", () => {
    const [first] = eventsOf(ask({ model: "writer", messages: hello, stream: true }).text);
    expect(first).toMatchObject({
      object: "chat.completion.chunk",
      choices: [{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }],
    });
    expect("usage" in first).toBe(false);
  });

  test("is the same for the same question, and as long as was said", () => {
    const [one, two] = [ask({ model: "writer", messages: hello }).json, ask({ model: "writer", messages: hello }).json];
    expect(one.choices).toEqual(two.choices);
    expect(one.usage.completion_tokens).toBe(64);
    expect(tokensOf(one.choices[0].message.content)).toHaveLength(64);
  });

  test("of echo is the last message, parts of it joined", () => {
    const content = [
      { type: "text", text: "one " },
      { type: "image_url", image_url: { url: "data:," } },
      { type: "text", text: "two" },
    ];
    expect(ask({ model: "echo", messages: [{ role: "user", content }] }).json.choices[0].message.content).toBe("one two");
  });

  const cases = {
    text: { model: "writer", messages: hello },
    "two choices": { model: "writer", messages: hello, n: 2 },
    "a text cut short": { model: "writer", messages: hello, max_completion_tokens: 5 },
    "a text with a stop": { model: "echo", messages: hello, stop: [",", "."] },
    "a tool call": {
      model: "writer",
      messages: hello,
      tools: [weather, time],
      tool_choice: { type: "function", function: { name: "get_time" } },
    },
    "parallel tool calls": { model: "tools", messages: hello, tools: [weather, time] },
    "one required tool call": {
      model: "writer",
      messages: hello,
      tools: [weather, time],
      tool_choice: "required",
      parallel_tool_calls: false,
    },
    "JSON by schema": {
      model: "writer",
      messages: hello,
      response_format: { type: "json_schema", json_schema: { name: "x", schema: weather.function.parameters } },
    },
  };
  test.each(Object.entries(cases))("streams what it would send whole: %s", (_, body) => {
    const whole = ask(body).json;
    const chunks = eventsOf(ask({ ...body, stream: true, stream_options: { include_usage: true } }).text);
    expect(fold(chunks)).toEqual(
      whole.choices.map((choice: Choice) => ({ ...choice.message, finish: choice.finish_reason })).map(withoutIds),
    );
    const last = chunks.at(-1);
    expect(last).toMatchObject({ choices: [], usage: whole.usage });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    expect(new Set(chunks.map(({ id, created, model }) => `${id} ${created} ${model}`)).size).toBe(1);
  });

  test.each([
    { claim: "one that is cut short says so", body: cases["a text cut short"], finish: "length", tokens: 5 },
    { claim: "one that came to a stop is complete", body: cases["a text with a stop"], finish: "stop", tokens: 2 },
    { claim: "one that calls tools says so", body: cases["parallel tool calls"], finish: "tool_calls" },
    { claim: "one that was forced to call by name says stop, as OpenAI does", body: cases["a tool call"], finish: "stop" },
  ])("$claim", ({ body, finish, tokens }) => {
    const { choices, usage } = ask(body).json;
    expect(choices[0].finish_reason).toBe(finish);
    if (tokens !== undefined) expect(usage.completion_tokens).toBe(tokens);
  });

  test.each([
    { claim: "offered two, tools calls both", body: cases["parallel tool calls"], names: ["get_weather", "get_time"] },
    { claim: "forbidden to call in parallel, it calls one", body: cases["one required tool call"], names: ["get_weather"] },
    { claim: "told which, it calls that one", body: cases["a tool call"], names: ["get_time"] },
    { claim: "forbidden to, it calls none", body: { ...cases["parallel tool calls"], tool_choice: "none" }, names: [] },
    { claim: "others do not call what is merely offered", body: { model: "writer", messages: hello, tools: [weather] }, names: [] },
    {
      claim: "given a result, it speaks",
      body: { model: "tools", tools: [weather], messages: [...hello, { role: "tool", tool_call_id: "call_1", content: "12 C" }] },
      names: [],
    },
  ])("$claim", ({ body, names }) => {
    const calls: ToolCall[] = ask(body).json.choices[0].message.tool_calls ?? [];
    expect(calls.map((call) => call.function.name)).toEqual([...names]);
    const check = Compile(weather.function.parameters as never);
    for (const call of calls) if (call.function.name === "get_weather") expect(check.Check(JSON.parse(call.function.arguments))).toBe(true);
  });
});

describe("a bad request", () => {
  test.each([
    { claim: "no JSON", body: "{", status: 400, param: null },
    { claim: "no UTF-8", body: '{"model":"\ud800"', status: 400, param: null },
    { claim: "no object", body: "[]", status: 400, param: null },
    { claim: "no model", body: { messages: hello }, status: 400, param: null },
    { claim: "no messages", body: { model: "echo" }, status: 400, param: "messages", code: "missing_required_parameter" },
    { claim: "empty messages", body: { model: "echo", messages: [] }, status: 400, param: "messages", code: "empty_array" },
    {
      claim: "an unknown role",
      body: { model: "echo", messages: [{ role: "boss", content: "x" }] },
      status: 400,
      param: "messages[0].role",
    },
    { claim: "too many choices", body: { model: "echo", messages: hello, n: 1000 }, status: 400, param: "n" },
    {
      claim: "a choice among no tools",
      body: { model: "echo", messages: hello, tool_choice: "required" },
      status: 400,
      param: "tool_choice",
    },
    {
      claim: "a choice of a tool that is not there",
      body: { model: "echo", messages: hello, tools: [time], tool_choice: { type: "function", function: { name: "x" } } },
      status: 400,
      param: "tool_choice",
    },
  ])("$claim is refused in OpenAI's envelope", ({ body, status, param, code }) => {
    const refused = ask(body);
    expect(refused.status).toBe(status);
    expect(Object.keys(refused.json.error).sort()).toEqual(["code", "message", "param", "type"]);
    expect(refused.json.error).toMatchObject({ type: "invalid_request_error", param, ...(code === undefined ? {} : { code }) });
  });

  test.each([
    { method: "POST", path: "/nothing", status: 404 },
    { method: "GET", path: "/chat/completions", status: 405 },
  ])("$method $path is $status", ({ method, path, status }) => {
    expect(ask("", method, path).status).toBe(status);
  });
});

describe("SimulatorSession", () => {
  const open = (settings: SimulatorSettings) => {
    const stage = stageOf(settings);
    const session = new SimulatorSession(stage);
    const controller = new AbortController();
    const body = Buffer.from(JSON.stringify({ model: "echo", messages: hello, stream: true }));
    const sent = session.send({
      method: "POST",
      url: "https://simulator.invalid/v1/chat/completions",
      headers: {},
      body,
      signal: controller.signal,
    });
    return { clock: stage.clock, controller, sent };
  };

  test("waits for the first token, then keeps its pace", async () => {
    const { clock, sent } = open({ pace: "20ms", firstTokenDelay: "1s" });
    let head: Response | undefined;
    void sent.then((response) => (head = response));
    await clock.advance(999);
    expect(head).toBeUndefined();
    await clock.advance(1);
    const chunks: string[] = [];
    void (async () => {
      for await (const chunk of head!.body!) chunks.push(Buffer.from(chunk).toString());
    })();
    await clock.advance(0);
    expect(chunks).toHaveLength(1);
    await clock.advance(40);
    expect(chunks).toHaveLength(3);
  });

  test("makes nothing that is not read", async () => {
    const { clock, sent } = open({ pace: "20ms", firstTokenDelay: "0ms" });
    const response = await sent;
    await clock.advance(10_000);
    expect(clock.pending).toBe(0);
    const reader = response.body!.getReader();
    await reader.read();
    void reader.read();
    await clock.advance(0);
    expect(clock.pending).toBe(1);
  });

  test.each([
    { claim: "before the head", firstTokenDelay: "1s", pace: "0ms" },
    { claim: "in the body", firstTokenDelay: "0ms", pace: "1s" },
  ] as const)("an abort $claim is thrown, and leaves no timer", async ({ claim: _, ...settings }) => {
    const { clock, controller, sent } = open(settings);
    const whole = sent.then((response) => response.text());
    await clock.advance(10);
    controller.abort("left");
    await expect(whole).rejects.toBe("left");
    expect(clock.pending).toBe(0);
  });
});

describe("settings", () => {
  const check = Compile(SIMULATOR_SETTINGS);
  test.each([
    { settings: {}, good: true },
    { settings: { pace: "0ms", firstTokenDelay: "1.5s", tokens: 3 }, good: true },
    { settings: { pace: "20" }, good: false },
    { settings: { pace: 20 }, good: false },
    { settings: { tokens: 0 }, good: false },
    { settings: { speed: "20ms" }, good: false },
  ])("$settings: $good", ({ settings, good }) => {
    expect(check.Check(settings)).toBe(good);
  });

  test("are read in milliseconds", () => {
    expect(mannerOf({ pace: "1.5s", firstTokenDelay: "3ms", tokens: 9 })).toEqual({ paceMs: 1500, firstTokenMs: 3, tokens: 9 });
  });
});

describe("tokensOf", () => {
  test.each([
    "",
    " ",
    "a  b\n\n",
    "Größenwahnsinnig, 12345678!",
    "日本語のテキスト",
    "👩‍👩‍👧 family",
    "\u0000\ufffd x \t",
    "a".repeat(100),
  ])("loses nothing of %j", (text) => {
    expect(tokensOf(text).join("")).toBe(text);
  });
});

describe("sampleOf", () => {
  const schemas = recordings({ provider: "openai", api: "chat" })
    .flatMap(exchangesOf)
    .flatMap(({ request }) => {
      const body = (request.body ?? {}) as Body;
      const ofTools = (body.tools ?? []).map((tool) => tool.function?.parameters);
      return [...ofTools, body.response_format?.json_schema?.schema].filter((schema) => schema !== undefined);
    });

  test("is valid against every schema that was sent to OpenAI", () => {
    expect(schemas.length).toBeGreaterThan(50);
    for (const schema of schemas) expect({ schema, valid: Compile(schema).Check(sampleOf(schema)) }).toEqual({ schema, valid: true });
  });

  test.each([
    { type: "array", items: { type: "integer", minimum: 3, maximum: 9, multipleOf: 5 }, minItems: 2 },
    { type: "array", prefixItems: [{ type: "boolean" }, { type: "null" }], minItems: 2 },
    { type: "number", exclusiveMinimum: 0, maximum: 0.5 },
    { type: "integer", maximum: -5 },
    { type: "string", minLength: 12, maxLength: 14 },
    { type: "string", format: "date-time" },
    { type: "string", pattern: "^[A-Z]{3}$" },
    { type: ["null", "string"] },
    { const: { deep: [1] } },
    {
      allOf: [
        { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
        { properties: { b: { const: 1 } }, required: ["b"] },
      ],
    },
    {
      anyOf: [{ $ref: "#/$defs/leaf" }, { type: "null" }],
      $defs: { leaf: { type: "object", properties: { x: { enum: [2] } }, required: ["x"] } },
    },
    {
      $ref: "#/$defs/node",
      $defs: {
        node: { type: "object", properties: { next: { anyOf: [{ type: "null" }, { $ref: "#/$defs/node" }] } }, required: ["next"] },
      },
    },
  ])("is valid against %j", (schema) => {
    expect(Compile(schema).Check(sampleOf(schema))).toBe(true);
  });

  test("comes to an end where a schema does not", () => {
    const schema = {
      $ref: "#/$defs/node",
      $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } }, required: ["next"] } },
    };
    expect(sampleOf(schema)).toBeObject();
  });
});

describe("over HTTP", () => {
  test("OpenAI's own client takes its answers, whole and streamed", async () => {
    const server = listen(systemWorld(), { settings: QUICK });
    try {
      const client = new OpenAI({ apiKey: "none", baseURL: server.baseUrl, maxRetries: 0 });
      const body = { model: "tools", messages: [...hello], tools: [weather, time] };
      const whole = await client.chat.completions.create(body as never);
      const streamed = await client.chat.completions.stream(body as never).finalChatCompletion();
      const calls = (completion: OpenAI.ChatCompletion) =>
        completion.choices[0]?.message.tool_calls?.map((call) => (call as ToolCall).function.arguments);
      expect(calls(streamed)).toEqual(calls(whole));
      const refused = async () => await client.chat.completions.create({ model: "fail-429", messages: [...hello] });
      await expect(refused()).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    } finally {
      await server.stop();
    }
  });
});

test("a port that is taken is not shared", async () => {
  const server = listen(systemWorld());
  expect(() => listen(systemWorld(), { port: server.port })).toThrow(expect.objectContaining({ code: "EADDRINUSE" }));
  await server.stop();
});

test("a client that leaves ends the work", async () => {
  const clock = new ManualClock();
  const server = listen({ ...systemWorld(), clock }, { settings: { pace: "1s", firstTokenDelay: "0ms" } });
  try {
    const controller = new AbortController();
    const body = JSON.stringify({ model: "writer", messages: hello, stream: true });
    const response = await fetch(`${server.baseUrl}/chat/completions`, { method: "POST", body, signal: controller.signal });
    const reader = response.body!.getReader();
    await reader.read();
    while (clock.pending === 0) await Bun.sleep(1);
    controller.abort();
    while (clock.pending > 0) await Bun.sleep(1);
    await reader.cancel().catch(() => {});
  } finally {
    await server.stop();
  }
});

interface ToolCall {
  id?: string;
  function: { name: string; arguments: string };
}
interface Choice {
  index: number;
  message: { content: string | null; tool_calls?: ToolCall[] };
  finish_reason: string;
}
interface Body {
  tools?: { function?: { parameters?: object } }[];
  response_format?: { json_schema?: { schema?: object } };
}

/** What the chunks of a stream add up to, by choice. */
function fold(chunks: readonly { choices: { index: number; delta: Record<string, unknown>; finish_reason: string | null }[] }[]) {
  const folded: {
    role?: unknown;
    content: string | null;
    refusal: null;
    annotations: never[];
    tool_calls?: ToolCall[];
    finish?: string;
  }[] = [];
  for (const { choices } of chunks) {
    for (const { index, delta, finish_reason } of choices) {
      folded[index] ??= { content: null, refusal: null, annotations: [] };
      const choice = folded[index];
      if (delta["role"] !== undefined) choice.role = delta["role"];
      if (typeof delta["content"] === "string") choice.content = (choice.content ?? "") + delta["content"];
      for (const call of (delta["tool_calls"] ?? []) as (ToolCall & { index: number; type?: string })[]) {
        choice.tool_calls ??= [];
        const known = choice.tool_calls[call.index];
        if (known === undefined) choice.tool_calls[call.index] = { type: call.type, function: { ...call.function } } as never;
        else known.function.arguments += call.function.arguments;
      }
      if (finish_reason !== null) choice.finish = finish_reason;
    }
  }
  return folded;
}

function withoutIds<T extends { tool_calls?: ToolCall[] }>(message: T): T {
  if (message.tool_calls === undefined) return message;
  return { ...message, tool_calls: message.tool_calls.map(({ id: _, ...call }) => call) };
}

/** The names of all fields, at every depth, sorted. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== "object" || value === null) return true;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, shapeOf((value as Record<string, unknown>)[key])]),
  );
}
