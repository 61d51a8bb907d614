import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { exchangesOf, isStream, recordings, replay, responseBytes } from "../support/recordings.ts";
import { type Script, Upstream } from "../support/upstream.ts";
import { splitSse } from "../wire/codec/recordings.ts";
import { configOfAll, goodExchanges, thrown, UPSTREAM_KEY } from "./three-formats.ts";

const own = goodExchanges("openai", "responses");
const models = [...new Set(own.map(({ body }) => body.model)), "gpt-5"];

let upstream: Upstream;
let gateway: GatewayProcess;

beforeAll(async () => {
  upstream = new Upstream();
  const all = { openai: [...new Set(models)], anthropic: [], compatible: ["m"] };
  gateway = await startGateway(configOfAll(upstream.baseUrl, all), { env: { UPSTREAM_KEY } });
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

const client = (baseURL: string, maxRetries = 0) => new OpenAI({ apiKey: "sk-client", baseURL, maxRetries, timeout: 20_000 });

/** What the official client makes of an answer: objects, or the class and fields of what it throws. */
async function outcome(baseURL: string, body: object, stream: boolean): Promise<unknown> {
  try {
    const params = body as OpenAI.Responses.ResponseCreateParams;
    if (!stream) {
      const response = await client(baseURL).responses.create({ ...params, stream: false });
      return { response, requestId: response._request_id };
    }
    const events: unknown[] = [];
    for await (const event of await client(baseURL).responses.create({ ...params, stream: true })) events.push(event);
    return events;
  } catch (error) {
    return thrown(error);
  }
}

const params = { model: "openai/gpt-5", input: "hi" };
const rejected = (status: number, error: object, headers: Record<string, string> = {}): Script => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify({ error }),
});

describe("OpenAI's client of Responses sees the same through the gateway as directly", () => {
  test.each(own)("$name", async ({ exchange, body, stream }) => {
    upstream.answering = replay(exchange.response);
    const named = { ...body, model: `openai/${body.model}` };
    expect(await outcome(`${gateway.url}/v1`, named, stream)).toEqual(await outcome(upstream.baseUrl, named, stream));
    expect(upstream.requests.at(-2)?.path).toBe("/v1/responses");
  });

  test("under every path that such clients come by", async () => {
    upstream.answering = replay(own.find(({ stream }) => !stream)!.exchange.response);
    for (const path of ["/v1/responses", "/api/v1/responses"]) expect((await gateway.post(path, params)).status).toBe(200);
    for (const path of ["/v1/providers/openai/responses", "/api/v1/providers/openai/responses"]) {
      expect((await gateway.post(path, { ...params, model: "gpt-5" })).status).toBe(200);
    }
  });

  test.each([
    {
      status: 400,
      error: { message: "Unsupported value", type: "invalid_request_error", param: "temperature", code: "unsupported_value" },
    },
    { status: 413, error: { message: "Too large", type: "invalid_request_error", param: null, code: null } },
  ])("when its request is at fault: $status", async ({ status, error }) => {
    upstream.answering = rejected(status, error);
    for (const stream of [false, true]) {
      expect(await outcome(`${gateway.url}/v1`, params, stream)).toEqual(await outcome(upstream.baseUrl, params, stream));
    }
  });

  test.each([
    { status: 429, class: "RateLimitError" },
    { status: 500, class: "InternalServerError" },
  ])("when the provider does not serve: a $status is of one class, and is tried as often", async ({ status, class: expected }) => {
    const all = { openai: models, anthropic: [], compatible: ["m"] };
    await using fresh = await startGateway(configOfAll(upstream.baseUrl, all), { env: { UPSTREAM_KEY } });
    const count = async (baseURL: string): Promise<number> => {
      const before = upstream.requests.length;
      upstream.answering = rejected(status, { message: "no" }, { "retry-after-ms": "5" });
      const seen = await client(baseURL, 2)
        .responses.create(params)
        .catch((error: Error) => error.constructor.name);
      expect(seen as string).toBe(expected);
      return upstream.requests.length - before;
    };
    expect(await count(`${fresh.url}/v1`)).toBe(await count(upstream.baseUrl));
  });

  test("verbatim loses nothing, down to the last byte", async () => {
    upstream.answering = replay(own.find(({ stream }) => !stream)!.exchange.response);
    const text = `{ "model":"gpt-5", "novel": {"a": 1.0}, "include": ["reasoning.encrypted_content"], "input": [] }`;
    const answer = await gateway.post("/v1/responses", text);
    expect(answer.headers.get("x-omni-loss")).toBeNull();
    expect(upstream.requests.at(-1)?.text).toBe(text);
  });
});

describe("a stream that fails", () => {
  const whole = own.find(({ stream, exchange }) => stream && Buffer.from(responseBytes(exchange.response)).includes("output_text.delta"))!;

  test("before its content is tried elsewhere, and nobody hears of it", async () => {
    const failing = recordings({ provider: "openai", api: "responses" }).find((row) => row.id.includes("openai-responses-openai-error.1"))!;
    const [failed] = exchangesOf(failing);
    const config = configOfAll(upstream.baseUrl, { openai: ["a", "b"], anthropic: [], compatible: ["m"] }).replace(
      "});\n",
      '  combos: { smart: { strategy: "fallback", chat: ["openai/a", "openai/b"] } },\n});\n',
    );
    await using fresh = await startGateway(config, { env: { UPSTREAM_KEY } });
    upstream.script(replay(failed!.response), replay(whole.exchange.response));
    const seen = await outcome(`${fresh.url}/v1`, { ...params, model: "smart" }, true);
    upstream.answering = replay(whole.exchange.response);
    expect(seen).toEqual(await outcome(upstream.baseUrl, params, true));
  });

  test("after its content throws in the client, and is told with the next numbers", async () => {
    for (const by of ["fin", "rst"] as const) {
      const events = Buffer.from(responseBytes(whole.exchange.response))
        .toString()
        .split(/(?<=\n\n)/);
      const content = events.findIndex((event) => event.includes("output_text.delta"));
      // The pause lets the content arrive before the connection breaks.
      const body = [events.slice(0, content + 2).join(""), { pauseMs: 50 }, events[content + 2]!.slice(0, 40)];
      upstream.answering = { headers: { "content-type": "text/event-stream" }, body, after: by };
      expect((await outcome(`${gateway.url}/v1`, params, true)) as object).toContainKey("thrown");
      const raw = await gateway.post("/v1/responses", { ...params, stream: true });
      const text = await readAll(raw);
      const told = splitSse(text).map(({ data }) => JSON.parse(data));
      expect(told.map((event) => event.sequence_number)).toEqual(told.map((_, index) => index));
      expect(told.slice(-2).map(({ type }) => type)).toEqual(["error", "response.failed"]);
      expect(told.at(-1).response).toMatchObject({ id: told[0].response.id, status: "failed" });
    }
  });
});

/** What came until the connection was reset. */
async function readAll(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of response.body!) text += decoder.decode(chunk, { stream: true });
  } catch {
    // A stream that breaks off ends so.
  }
  return text;
}

describe("OpenAI's client of Responses with a provider that speaks its chat", () => {
  const foreign = recordings({ provider: "openai", api: "chat" }).flatMap((row) =>
    exchangesOf(row).flatMap((exchange, index) => {
      if (exchange.api !== "chat" || exchange.response.status !== 200) return [];
      const stream = isStream(exchange.response);
      const text = Buffer.from(responseBytes(exchange.response)).toString();
      // biome-ignore lint/suspicious/noExplicitAny: recorded by OpenAI, and looked at field by field.
      const chunks: any[] = stream
        ? splitSse(text).flatMap(({ data }) => (data === "[DONE]" ? [] : [JSON.parse(data)]))
        : [JSON.parse(text)];
      const choices = chunks.flatMap((chunk) => chunk.choices ?? []);
      const usage = chunks.map((chunk) => chunk.usage).findLast((each) => each != null);
      const isPlain = choices.every(({ index: at, delta, message }) => at === 0 && !(delta ?? message)?.audio);
      if (!isPlain || usage === undefined || !choices.some((choice) => typeof choice.finish_reason === "string")) return [];
      const said = choices.map(({ delta, message }) => (delta ?? message).content ?? "").join("");
      const calls = choices.flatMap(({ delta, message }) => (delta ?? message).tool_calls ?? []);
      const ids = calls.flatMap((call) => call.id ?? []);
      // No arguments are written as none by some, and as an empty object in Responses.
      const json = calls.map((call) => call.function?.arguments ?? "").join("") || (ids.length > 0 ? "{}" : "");
      return [{ name: `${row.id}#${index}`, exchange, stream, said, ids, json, usage }];
    }),
  );

  test.each(foreign)("gets the same text, calls and usage: $name", async ({ exchange, stream, said, ids, json, usage }) => {
    upstream.answering = replay(exchange.response);
    const body = { ...params, model: "compatible/m" };
    const sdk = client(`${gateway.url}/v1`);
    const response = stream ? await sdk.responses.stream(body).finalResponse() : await sdk.responses.create(body);
    expect(upstream.requests.at(-1)?.path).toBe("/v1/chat/completions");
    expect(response.output_text).toBe(said);
    const calls = response.output.flatMap((item) => (item.type === "function_call" ? [item] : []));
    expect(calls.map((call) => call.call_id)).toEqual(ids);
    expect(calls.map((call) => call.arguments).join("")).toBe(json);
    expect([response.usage?.input_tokens, response.usage?.output_tokens]).toEqual([usage.prompt_tokens, usage.completion_tokens]);
    expect(["completed", "incomplete"]).toContain(response.status as string);
  });
});

describe("OpenAI's clients with a provider that speaks Messages", () => {
  const foreign = recordings({ provider: "anthropic", api: "messages" }).flatMap((row) =>
    exchangesOf(row).flatMap((exchange, index) => {
      if (exchange.api !== "messages" || exchange.response.status !== 200) return [];
      const stream = isStream(exchange.response);
      const text = Buffer.from(responseBytes(exchange.response)).toString();
      return [{ name: `${row.id}#${index}`, exchange, stream, ...(stream ? saidInStream(text) : saidIn(JSON.parse(text))) }];
    }),
  );

  beforeAll(async () => {
    await gateway.stop();
    const all = { openai: [], anthropic: ["claude"], compatible: [] };
    gateway = await startGateway(configOfAll(upstream.baseUrl, all).replace(/ +compatible:.*\n/, ""), { env: { UPSTREAM_KEY } });
  });

  test.each(foreign)("get the same text, calls and usage: $name", async ({ exchange, stream, said, calls, input, output }) => {
    upstream.answering = replay(exchange.response);
    const sdk = client(`${gateway.url}/v1`);
    const model = "anthropic/claude";
    const response = stream
      ? await sdk.responses.stream({ model, input: "hi" }).finalResponse()
      : await sdk.responses.create({ model, input: "hi" });
    expect(response.output_text).toBe(said);
    expect(response.output.flatMap((item) => (item.type === "function_call" ? [item.call_id] : []))).toEqual([...calls]);
    expect([response.usage?.input_tokens, response.usage?.output_tokens]).toEqual([input, output]);
    const asked = { model, messages: [{ role: "user" as const, content: "hi" }] };
    const completion = stream
      ? await sdk.chat.completions.stream({ ...asked, stream_options: { include_usage: true } }).finalChatCompletion()
      : await sdk.chat.completions.create(asked);
    const [choice] = completion.choices;
    expect(choice?.message.content ?? "").toBe(said);
    expect((choice?.message.tool_calls ?? []).map(({ id }) => id)).toEqual([...calls]);
    expect([completion.usage?.prompt_tokens, completion.usage?.completion_tokens]).toEqual([input, output]);
  });
});

interface SaidInMessage {
  readonly said: string;
  readonly calls: readonly string[];
  readonly input: number;
  readonly output: number;
}

// biome-ignore lint/suspicious/noExplicitAny: recorded by Anthropic, and looked at field by field.
function saidIn({ content, usage }: any): SaidInMessage {
  return {
    said: content.map((block: { text?: string }) => block.text ?? "").join(""),
    calls: content.flatMap((block: { type: string; id: string }) => (block.type === "tool_use" ? [block.id] : [])),
    input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
    output: usage.output_tokens,
  };
}

function saidInStream(text: string): SaidInMessage {
  // biome-ignore lint/suspicious/noExplicitAny: the same.
  const events: any[] = splitSse(text).map(({ data }) => JSON.parse(data));
  const content: { type: string; text?: string; id?: string }[] = [];
  let usage = {};
  for (const event of events) {
    if (event.type === "message_start") {
      usage = event.message.usage;
      content.push(...event.message.content);
    }
    if (event.type === "content_block_start") content[event.index] = { ...event.content_block };
    if (event.delta?.type === "text_delta") content[event.index]!.text += event.delta.text;
    if (event.type === "message_delta")
      for (const [key, value] of Object.entries(event.usage)) if (value !== null) usage = { ...usage, [key]: value };
  }
  return saidIn({ content, usage });
}
