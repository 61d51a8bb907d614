import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { exchangesOf, isStream, recordings, replay, responseBytes } from "../support/recordings.ts";
import { type Script, Upstream } from "../support/upstream.ts";
import { splitSse } from "../wire/codec/recordings.ts";
import { configOfAll, goodExchanges, thrown, UPSTREAM_KEY } from "./three-formats.ts";

const own = goodExchanges("anthropic", "messages");
const models = [...new Set(own.map(({ body }) => body.model)), "claude-sonnet-5", "claude-haiku-4-5"];

let upstream: Upstream;
let gateway: GatewayProcess;

beforeAll(async () => {
  upstream = new Upstream();
  const all = { openai: [], anthropic: [...new Set(models)], compatible: ["m"] };
  gateway = await startGateway(configOfAll(upstream.baseUrl, all), { env: { UPSTREAM_KEY } });
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

const client = (baseURL: string, maxRetries = 0, headers: Record<string, string> = {}) =>
  new Anthropic({ apiKey: "sk-client", authToken: null, baseURL, maxRetries, timeout: 20_000, defaultHeaders: headers });

/** What the official client makes of an answer: objects, or the class and fields of what it throws. */
async function outcome(baseURL: string, body: object, stream: boolean): Promise<unknown> {
  try {
    const params = body as Anthropic.MessageCreateParams;
    if (!stream) {
      const message = await client(baseURL).messages.create({ ...params, stream: false });
      return { message, requestId: message._request_id };
    }
    const events: unknown[] = [];
    for await (const event of await client(baseURL).messages.create({ ...params, stream: true })) events.push(event);
    return events;
  } catch (error) {
    return thrown(error);
  }
}

const params = { model: "claude-sonnet-5", max_tokens: 100, messages: [{ role: "user" as const, content: "hi" }] };
const rejected = (status: number, type: string, message: string, headers: Record<string, string> = {}): Script => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify({ type: "error", error: { type, message }, request_id: "req_1" }),
});

describe("Anthropic's client sees the same through the gateway as directly", () => {
  test.each(own)("$name", async ({ exchange, body, stream }) => {
    upstream.answering = replay(exchange.response);
    // Under its full name, of which the client does not know that it is about to be retired, and would say so.
    const named = { ...body, model: `anthropic/${body.model}` };
    expect(await outcome(gateway.url, named, stream)).toEqual(await outcome(upstream.url, named, stream));
  });

  test("under every path that such clients come by", async () => {
    const { exchange } = own.find(({ stream }) => !stream)!;
    upstream.answering = replay(exchange.response);
    const paths = [
      "/v1/messages",
      "/v1/messages?beta=true",
      "/api/v1/messages",
      "/v1/providers/anthropic/messages",
      "/api/v1/providers/anthropic/messages",
    ];
    for (const path of paths) {
      const answer = await gateway.post(path, params);
      expect([path, answer.status]).toEqual([path, 200]);
      expect(new Uint8Array(await answer.arrayBuffer())).toEqual(new Uint8Array(responseBytes(exchange.response)));
      expect(upstream.requests.at(-1)?.path).toBe("/v1/messages");
    }
    expect(await outcome(`${gateway.url}/api`, params, false)).toEqual(await outcome(upstream.url, params, false));
    expect((await fetch(gateway.url, { method: "HEAD" })).status).toBe(200);
  });

  test.each([
    { status: 400, type: "invalid_request_error", message: "prompt is too long: 9 tokens > 8 maximum" },
    { status: 413, type: "request_too_large", message: "Too large" },
    { status: 422, type: "invalid_request_error", message: "Unprocessable" },
  ])("when its request is at fault: $status", async ({ status, type, message }) => {
    upstream.answering = rejected(status, type, message);
    expect(await outcome(gateway.url, params, false)).toEqual(await outcome(upstream.url, params, false));
    expect(await outcome(gateway.url, params, true)).toEqual(await outcome(upstream.url, params, true));
  });

  test.each([
    { status: 429, type: "rate_limit_error", class: "RateLimitError" },
    { status: 500, type: "api_error", class: "InternalServerError" },
    { status: 529, type: "overloaded_error", class: "OverloadedError" },
  ])("when the provider does not serve: $status is of one class, and is tried as often", async ({ status, type, class: expected }) => {
    const all = { openai: [], anthropic: models, compatible: ["m"] };
    await using fresh = await startGateway(configOfAll(upstream.baseUrl, all), { env: { UPSTREAM_KEY } });
    const count = async (baseURL: string): Promise<number> => {
      const before = upstream.requests.length;
      upstream.answering = rejected(status, type, "no", { "retry-after-ms": "5" });
      const seen = await client(baseURL, 2)
        .messages.create(params)
        .catch((error: Error) => error.constructor.name);
      expect(seen as string).toBe(expected);
      return upstream.requests.length - before;
    };
    expect(await count(fresh.url)).toBe(await count(upstream.url));
  });

  test("in the middle of a stream: an error event of the provider's", async () => {
    const whole = own.find(({ stream }) => stream)!;
    const events = Buffer.from(responseBytes(whole.exchange.response)).toString().split("\n\n");
    const error = 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_2"}';
    upstream.answering = {
      headers: { "content-type": "text/event-stream" },
      body: [...events.slice(0, 5), error].map((event) => `${event}\n\n`),
      framing: "chunked",
    };
    expect(await outcome(gateway.url, params, true)).toEqual(await outcome(upstream.url, params, true));
  });
});

describe("towards Anthropic", () => {
  test("our key goes in the place of the client's, and the client's version and trial features go on", async () => {
    upstream.answering = replay(own.find(({ stream }) => !stream)!.exchange.response);
    await gateway.post("/v1/messages", params, {
      headers: { "x-api-key": "sk-client", "anthropic-version": "2026-10-21", "anthropic-beta": "effort-2025-11-24, context-1m" },
    });
    const { headers } = upstream.requests.at(-1)!;
    expect(headers.get("x-api-key")).toBe(UPSTREAM_KEY);
    expect(headers.get("authorization")).toBeNull();
    expect(headers.get("anthropic-version")).toBe("2026-10-21");
    expect(headers.get("anthropic-beta")).toBe("effort-2025-11-24, context-1m");
    expect(JSON.stringify([...headers])).not.toContain("sk-client");
  });

  test("a client of another format gets what the format requires, and is told what is lost", async () => {
    upstream.answering = replay(own.find(({ stream }) => !stream)!.exchange.response);
    const answer = await gateway.post("/v1/chat/completions", {
      model: "anthropic/claude-haiku-4-5",
      messages: [{ role: "user", content: "hi" }],
      seed: 7,
    });
    const sent = upstream.requests.at(-1)!;
    expect(sent.path).toBe("/v1/messages");
    expect(sent.headers.get("anthropic-version")).toBe("2023-06-01");
    expect(sent.json).toEqual({
      model: "claude-haiku-4-5",
      max_tokens: expect.any(Number),
      messages: [{ role: "user", content: expect.anything() }],
    });
    expect(answer.headers.get("x-omni-loss")).toContain("seed");
    expect(await answer.json()).toMatchObject({ object: "chat.completion" });
  });

  test("clients of every format find an id where they look for it, to show it with an error", async () => {
    upstream.answering = replay(own.find(({ stream }) => !stream)!.exchange.response);
    const answer = await gateway.post("/v1/chat/completions", {
      model: "anthropic/claude-haiku-4-5",
      messages: [{ role: "user", content: "hi" }],
    });
    expect(answer.headers.get("x-request-id")).toBe(answer.headers.get("x-omni-request-id"));
    const error = await client(gateway.url)
      .messages.create({ ...params, model: "nobody" })
      .catch((caught: InstanceType<typeof Anthropic.APIError>) => caught);
    expect(error).toMatchObject({ requestID: expect.stringMatching(/^[\da-f-]{36}$/), status: 400, type: "invalid_request_error" });
  });

  test("verbatim loses nothing, and says nothing of losses", async () => {
    upstream.answering = replay(own.find(({ stream }) => !stream)!.exchange.response);
    const text = `{ "max_tokens": 100, "model":"claude-haiku-4-5", "novel": {"a": 1.0}, "messages": [] }`;
    const answer = await gateway.post("/v1/messages", text);
    expect(answer.headers.get("x-omni-loss")).toBeNull();
    expect(upstream.requests.at(-1)?.text).toBe(text);
  });

  test("an effort becomes a budget for models that know no other", async () => {
    upstream.answering = replay(own.find(({ stream }) => !stream)!.exchange.response);
    const thinkingFor = async (model: string): Promise<unknown> => {
      await gateway.post("/v1/chat/completions", {
        model: `anthropic/${model}`,
        reasoning_effort: "high",
        messages: [{ role: "user", content: "hi" }],
      });
      return upstream.requests.at(-1)?.json;
    };
    expect(await thinkingFor("claude-haiku-4-5")).not.toContainKey("output_config");
    expect(await thinkingFor("claude-sonnet-5")).toMatchObject({ output_config: { effort: "high" } });
  });

  test("a credential of ours that is refused never looks like the client's own", async () => {
    upstream.answering = rejected(401, "authentication_error", `invalid x-api-key ${UPSTREAM_KEY}`);
    const seen = (await outcome(gateway.url, params, false)) as { status: number; message: string };
    expect(seen.status).toBe(502);
    expect(seen.message).not.toContain(UPSTREAM_KEY);
  });

  test("a stream that breaks off throws in the client instead of ending", async () => {
    const whole = own.find(({ stream }) => stream)!;
    for (const by of ["fin", "rst"] as const) {
      upstream.answering = { ...replay(whole.exchange.response), cut: { after: 1200, by } };
      expect((await outcome(gateway.url, params, true)) as object).toContainKey("thrown");
    }
  });
});

interface Said {
  readonly text: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
  readonly inputTokens: number;
  readonly outputTokens: number;
}

describe("Anthropic's client of a provider that speaks OpenAI's chat", () => {
  const foreign = recordings({ provider: "openai", api: "chat" }).flatMap((row) =>
    exchangesOf(row).flatMap((exchange, index) => {
      if (exchange.api !== "chat" || exchange.response.status !== 200) return [];
      const said = saidInChat(responseBytes(exchange.response), isStream(exchange.response));
      return said === undefined ? [] : [{ name: `${row.id}#${index}`, exchange, stream: isStream(exchange.response), said }];
    }),
  );

  test("is tried with many answers", () => {
    expect(foreign.length).toBeGreaterThan(150);
  });

  test.each(foreign)("gets the same text, calls, usage and end: $name", async ({ exchange, stream, said }) => {
    upstream.answering = replay(exchange.response);
    const body = { ...params, model: "compatible/m" };
    const message = stream
      ? await client(gateway.url).messages.stream(body).finalMessage()
      : await client(gateway.url).messages.create(body);
    expect(upstream.requests.at(-1)?.path).toBe("/v1/chat/completions");
    const calls = message.content.flatMap((block) =>
      block.type === "tool_use" ? [{ id: block.id, name: block.name, input: block.input }] : [],
    );
    const { input_tokens: fresh, cache_read_input_tokens: cached, output_tokens: outputTokens } = message.usage;
    const got: Said = {
      text: message.content.map((block) => (block.type === "text" ? block.text : "")).join(""),
      calls,
      inputTokens: fresh + (cached ?? 0),
      outputTokens,
    };
    expect(got).toEqual(said);
    expect(message.stop_reason).not.toBeNull();
    if (calls.length > 0 && message.stop_reason !== "max_tokens") expect(message.stop_reason).toBe("tool_use");
    else expect(message.stop_reason).not.toBe("tool_use");
  });
});

/**
 * Reads an answer of OpenAI's by hand.
 * @returns undefined for what Anthropic's client could not be given: no usage, several choices, sound; or no reason why it ended.
 */
function saidInChat(bytes: Uint8Array, stream: boolean): Said | undefined {
  const text = Buffer.from(bytes).toString();
  // biome-ignore lint/suspicious/noExplicitAny: recorded by OpenAI, and looked at field by field.
  const chunks: any[] = stream
    ? splitSse(text).flatMap(({ data }) => (data.startsWith("[DONE]") ? [] : [JSON.parse(data)]))
    : [JSON.parse(text)];
  const usage = chunks.map((chunk) => chunk.usage).findLast((each) => each != null);
  const choices = chunks.flatMap((chunk) => chunk.choices ?? []);
  if (usage === undefined || choices.some(({ index, delta, message }) => index > 0 || (delta ?? message)?.audio)) return undefined;
  if (!choices.some((choice) => typeof choice.finish_reason === "string")) return undefined;
  let said = "";
  const calls: { id: string; name: string; json: string }[] = [];
  for (const { delta, message } of choices) {
    const from = delta ?? message;
    said += (from.content ?? "") + (from.refusal ?? "");
    for (const [position, call] of (from.tool_calls ?? []).entries()) {
      const at = call.index ?? position;
      calls[at] ??= { id: "", name: "", json: "" };
      const slot = calls[at];
      slot.id ||= call.id ?? "";
      slot.name ||= call.function?.name ?? "";
      slot.json += call.function?.arguments ?? "";
    }
  }
  return {
    text: said,
    calls: calls.map(({ id, name, json }) => ({ id, name, input: JSON.parse(json || "{}") })),
    inputTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens,
  };
}
