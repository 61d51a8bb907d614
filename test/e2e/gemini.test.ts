import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type ApiError, GoogleGenAI, type GenerateContentParameters, type GenerateContentResponse } from "@google/genai";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { exchangesOf, recordings, replay } from "../support/recordings.ts";
import { type Script, Upstream } from "../support/upstream.ts";
import { RECORDED } from "../wire/gemini-generate/recorded.ts";

const MODEL = "gemini-2.5-flash";
const good = RECORDED.filter(({ status, pieces }) => status === 200 && !Array.isArray(pieces[0]));

let upstream: Upstream;
let gateway: GatewayProcess;

/** Targets rest after a failure, so that a test with one has a gateway of its own. */
const start = (): Promise<GatewayProcess> =>
  startGateway(
    `import { defineConfig, provider, secret } from "omni";
export default defineConfig({
  providers: {
    google: provider.gemini({ baseUrl: "${upstream.url}/v1beta", apiKey: secret.env("UPSTREAM_KEY") }),
    chat: provider.openaiCompatible({ baseUrl: "${upstream.baseUrl}", models: { chat: ["gpt-4o", "vendor/deep"] } }),
    sim: provider.simulator({ models: { chat: ["echo", "tools", "fail-429", "fail-error-in-stream"] }, settings: { firstTokenDelay: "1ms", pace: "1ms" } }),
  },
});
`,
    { env: { UPSTREAM_KEY: "AIza-upstream-canary" } },
  );

beforeAll(async () => {
  upstream = new Upstream();
  gateway = await start();
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

const client = (baseUrl: string, apiVersion?: string) =>
  new GoogleGenAI({ apiKey: "AIza-client", httpOptions: { baseUrl, ...(apiVersion !== undefined && { apiVersion }) } });

/** What the official client makes of an answer: objects without what stands in headers, or what it throws. */
async function outcome(url: string, params: GenerateContentParameters, stream: boolean, apiVersion?: string): Promise<unknown> {
  const plain = ({ sdkHttpResponse: _headers, ...rest }: GenerateContentResponse): object => JSON.parse(JSON.stringify(rest));
  try {
    const { models } = client(url, apiVersion);
    if (!stream) return plain(await models.generateContent(params));
    const chunks: object[] = [];
    for await (const chunk of await models.generateContentStream(params)) chunks.push(plain(chunk));
    return chunks;
  } catch (error) {
    const { name, status, message } = error as ApiError;
    return { thrown: (error as Error).constructor.name, name, status, message };
  }
}

const asked: GenerateContentParameters = { model: MODEL, contents: "hi" };
const rejected = (status: number, error: object): Script => ({
  status,
  headers: { "content-type": "application/json; charset=UTF-8" },
  body: JSON.stringify({ error }),
});

describe("Google's client sees the same through the gateway as directly", () => {
  test.each(good)("$name", async ({ exchange, isStream }) => {
    upstream.answering = replay(exchange.response);
    expect(await outcome(gateway.url, asked, isStream)).toEqual(await outcome(upstream.url, asked, isStream));
  });

  test("under both of its versions, and below the other prefix", async () => {
    upstream.answering = replay(good.find(({ isStream }) => !isStream)!.exchange.response);
    const direct = await outcome(upstream.url, asked, false);
    for (const version of [undefined, "v1", "v1beta"]) expect(await outcome(gateway.url, asked, false, version)).toEqual(direct);
    expect(await outcome(`${gateway.url}/api`, asked, false)).toEqual(direct);
    expect(await outcome(`${gateway.url}/v1/providers/google`, asked, false, "v1beta")).toEqual(direct);
    expect(upstream.requests.at(-1)?.path).toBe(`/v1beta/models/${MODEL}:generateContent`);
  });

  test.each([
    { status: 400, error: { code: 400, message: "Bad schema", status: "INVALID_ARGUMENT" } },
    { status: 413, error: { code: 413, message: "Too large", status: "INVALID_ARGUMENT" } },
  ])("when its request is at fault: $status", async ({ status, error }) => {
    upstream.answering = rejected(status, error);
    for (const stream of [false, true])
      expect(await outcome(gateway.url, asked, stream)).toEqual(await outcome(upstream.url, asked, stream));
  });

  test.each([429, 500, 503])("when the provider does not serve: %d is of the same class", async (status) => {
    await using fresh = await start();
    upstream.answering = rejected(status, { code: status, message: "no", status: "X" });
    const [seen, direct] = [await outcome(fresh.url, asked, false), await outcome(upstream.url, asked, false)] as {
      thrown: string;
      status: number;
    }[];
    expect(seen).toMatchObject({ thrown: direct!.thrown, status: direct!.status });
  });
});

describe("towards Google", () => {
  test("our key goes in the place of the client's, and the body goes untouched", async () => {
    upstream.answering = replay(good.find(({ isStream }) => !isStream)!.exchange.response);
    const body = '{ "contents" : [{"parts":[{"text":"hi"}]}], "novel": 1.0 }';
    const answer = await gateway.post(`/v1beta/models/${MODEL}:generateContent?key=AIza-client`, body, {
      headers: { "x-goog-api-key": "AIza-client" },
    });
    expect(answer.status).toBe(200);
    const sent = upstream.requests.at(-1)!;
    expect(sent.headers.get("x-goog-api-key")).toBe("AIza-upstream-canary");
    expect(sent.text).toBe(body);
    expect(JSON.stringify([sent.path, ...sent.headers])).not.toContain("AIza-client");
  });

  test("a model that the body names as well is the same in both", async () => {
    upstream.answering = replay(good.find(({ isStream }) => !isStream)!.exchange.response);
    await gateway.post(`/v1beta/models/google%2F${MODEL}:generateContent`, { model: "models/x", contents: [] });
    expect(upstream.requests.at(-1)!).toMatchObject({ path: `/v1beta/models/${MODEL}:generateContent` });
    expect(upstream.requests.at(-1)!.json).toEqual({ model: MODEL, contents: [] });
  });

  test("how long to wait is read from the body, where Google writes it", async () => {
    await using fresh = await start();
    const retry = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34s" };
    upstream.answering = rejected(429, { code: 429, message: "slow down", status: "RESOURCE_EXHAUSTED", details: [retry] });
    const answer = await fresh.post(`/v1beta/models/${MODEL}:generateContent`, { contents: [] });
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "34"]);
    expect(await answer.json()).toMatchObject({ error: { code: 429, status: "RESOURCE_EXHAUSTED", details: [{}, { retryDelay: "34s" }] } });
  });
});

describe("a stream that nobody asked to be events", () => {
  const streamed = good.filter(({ isStream }) => isStream).slice(0, 5);

  test.each(streamed)("is one list of all that the events hold: $name", async ({ exchange, pieces }) => {
    upstream.answering = replay(exchange.response, { chunkBytes: 100 });
    const answer = await gateway.post(`/v1beta/models/${MODEL}:streamGenerateContent`, { contents: [] });
    expect(answer.headers.get("content-type")).toStartWith("application/json");
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(pieces)));
    expect(upstream.requests.at(-1)?.path).toBe(`/v1beta/models/${MODEL}:streamGenerateContent?alt=sse`);
  });

  test("ends with an error that can be read when it breaks off", async () => {
    await using fresh = await start();
    const [first] = streamed;
    upstream.answering = { ...replay(first!.exchange.response), cut: { after: 700, by: "fin" } };
    const answer = await fresh.post(`/v1beta/models/${MODEL}:streamGenerateContent`, { contents: [] });
    let text = "";
    const decoder = new TextDecoder();
    try {
      for await (const chunk of answer.body!) text += decoder.decode(chunk, { stream: true });
    } catch {
      // The connection is reset after the error, so that nobody takes it for an end.
    }
    const list = JSON.parse(text);
    expect(list.at(-1)).toMatchObject({ error: { status: "UNAVAILABLE" } });
    expect(JSON.stringify(list)).not.toContain("finishReason");
  });

  test("is a list with one error when nothing came of it", async () => {
    const answer = await gateway.post("/v1beta/models/nobody:streamGenerateContent", { contents: [] });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 400, status: "INVALID_ARGUMENT" } });
  });
});

describe("Google's client reaches a provider of another format", () => {
  const openai = (pick: (exchange: { stream: boolean; tools: boolean }) => boolean): Script => {
    for (const row of recordings({ provider: "openai", api: "chat" })) {
      for (const { response, api } of exchangesOf(row)) {
        if (api !== "chat" || response.status !== 200) continue;
        const text = response.sse ?? JSON.stringify(response.body ?? response.events);
        const tools = text.includes('"tool_calls"') && !text.includes('"custom"');
        if (pick({ stream: response.sse !== undefined, tools })) return replay(response);
      }
    }
    throw new Error("There is no such recording.");
  };
  const weather = {
    functionDeclarations: [
      { name: "get_weather", description: "Weather", parametersJsonSchema: { type: "object", properties: { city: { type: "string" } } } },
    ],
  };

  test("with words, whole and streamed", async () => {
    upstream.answering = openai(({ stream, tools }) => !stream && !tools);
    const whole = (await outcome(gateway.url, { model: "chat/gpt-4o", contents: "hi" }, false)) as GenerateContentResponse;
    expect(whole).toMatchObject({
      candidates: [{ content: { role: "model", parts: [{ text: expect.any(String) }] }, finishReason: "STOP" }],
    });
    expect(whole.usageMetadata?.totalTokenCount).toBeGreaterThan(0);
    upstream.answering = openai(({ stream, tools }) => stream && !tools);
    const chunks = (await outcome(gateway.url, { model: "chat/gpt-4o", contents: "hi" }, true)) as GenerateContentResponse[];
    expect(chunks.flatMap(({ candidates }) => candidates?.flatMap(({ content }) => content?.parts ?? []) ?? []).length).toBeGreaterThan(2);
    expect(chunks.at(-1)).toMatchObject({ candidates: [{ finishReason: "STOP" }] });
    expect(chunks.filter(({ candidates }) => candidates?.[0]?.finishReason !== undefined).length).toBe(1);
    expect(upstream.requests.at(-1)!.json).toMatchObject({ model: "gpt-4o", stream: true, messages: [{ role: "user", content: "hi" }] });
  });

  test("with a model whose name has slashes", async () => {
    upstream.answering = openai(({ stream, tools }) => !stream && !tools);
    expect(await outcome(gateway.url, { model: "models/chat/vendor/deep", contents: "hi" }, false)).toHaveProperty("candidates");
    expect(upstream.requests.at(-1)!.json).toMatchObject({ model: "vendor/deep" });
  });

  test("with tools, there and back", async () => {
    for (const stream of [false, true]) {
      upstream.answering = openai((exchange) => exchange.stream === stream && exchange.tools);
      const params = { model: "chat/gpt-4o", contents: "Weather?", config: { tools: [weather] } };
      const seen = await outcome(gateway.url, params, stream);
      const calls = [seen]
        .flat()
        .flatMap((piece) =>
          (piece as GenerateContentResponse).candidates!.flatMap(
            ({ content }) => content?.parts?.flatMap((part) => part.functionCall ?? []) ?? [],
          ),
        );
      expect(calls.length).toBeGreaterThan(0);
      for (const { id, name, args } of calls) expect([typeof id, typeof name, typeof args]).toEqual(["string", "string", "object"]);
      upstream.answering = openai((exchange) => !exchange.stream && !exchange.tools);
      const [call] = calls;
      const contents = [
        { role: "user", parts: [{ text: "Weather?" }] },
        { role: "model", parts: [{ functionCall: call! }] },
        { role: "user", parts: [{ functionResponse: { name: call!.name!, response: { output: "sunny" } } }] },
      ];
      await outcome(gateway.url, { ...params, contents }, false);
      expect(upstream.requests.at(-1)!.json).toMatchObject({
        tools: [{ type: "function", function: { name: "get_weather" } }],
        messages: [{ role: "user" }, { tool_calls: [{ id: call!.id! }] }, { role: "tool", tool_call_id: call!.id!, content: "sunny" }],
      });
    }
  });

  test("with an error of the provider's, before and in the middle of a stream", async () => {
    await using fresh = await start();
    upstream.answering = rejected(400, { message: "Unsupported value", type: "invalid_request_error", param: "temperature" });
    const seen = (await outcome(fresh.url, { model: "chat/gpt-4o", contents: "hi" }, false)) as { status: number; message: string };
    expect(seen.status).toBe(400);
    expect(JSON.parse(seen.message)).toMatchObject({ error: { code: 400, status: "INVALID_ARGUMENT", message: "Unsupported value" } });
    const chunk = (delta: object) =>
      `data: ${JSON.stringify({ id: "x", model: "gpt-4o", choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`;
    upstream.answering = {
      headers: { "content-type": "text/event-stream" },
      body: [chunk({ role: "assistant", content: "He" }), 'data: {"error":{"message":"boom","code":503}}\n\n'],
      framing: "chunked",
    };
    expect(await outcome(fresh.url, { model: "chat/gpt-4o", contents: "hi" }, true)).toMatchObject({ thrown: "ApiError", status: 503 });
  });

  test("and hears that a request is wrong in Google's words", async () => {
    const answer = await gateway.post("/v1beta/models/chat%2Fgpt-4o:generateContent", { contents: [{ parts: [{ text: 5 }] }] });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 400, message: expect.stringContaining("contents[0].parts[0].text") } });
    const unknown = await gateway.post("/v1beta/models/gpt-4o:predict", { contents: [] });
    expect([unknown.status, ((await unknown.json()) as { error: object }).error]).toMatchObject([404, { status: "NOT_FOUND" }]);
  });
});

describe("Google's client and the simulator", () => {
  test("talk, whole and streamed", async () => {
    const whole = (await outcome(gateway.url, { model: "sim/echo", contents: "hi" }, false)) as GenerateContentResponse;
    expect(whole.candidates![0]!.content!.parts![0]!.text).toBeString();
    const chunks = (await outcome(gateway.url, { model: "sim/echo", contents: "hi" }, true)) as GenerateContentResponse[];
    expect(chunks.at(-1)).toMatchObject({
      candidates: [{ finishReason: "STOP" }],
      usageMetadata: { promptTokenCount: expect.any(Number) },
    });
  });

  test("use tools, whole and streamed", async () => {
    const tools = [
      {
        functionDeclarations: [{ name: "get_weather", parametersJsonSchema: { type: "object", properties: { city: { type: "string" } } } }],
      },
    ];
    for (const stream of [false, true]) {
      const seen = [
        await outcome(gateway.url, { model: "sim/tools", contents: "hi", config: { tools } }, stream),
      ].flat() as GenerateContentResponse[];
      const parts = seen.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []);
      expect(parts.flatMap(({ functionCall }) => functionCall?.name ?? [])).toEqual(["get_weather"]);
      expect(seen.at(-1)?.candidates?.[0]?.finishReason as string).toBe("STOP");
    }
  });

  test("fail, before an answer and in its middle", async () => {
    expect(await outcome(gateway.url, { model: "sim/fail-429", contents: "hi" }, false)).toMatchObject({ thrown: "ApiError", status: 429 });
    expect(await outcome(gateway.url, { model: "sim/fail-error-in-stream", contents: "hi" }, true)).toMatchObject({ thrown: "ApiError" });
  });
});

describe("clients of other formats reach Google", () => {
  test("with tools: the signature of a call goes out and comes back byte for byte", async () => {
    const signed = good.find(
      ({ exchange, isStream }) =>
        !isStream &&
        JSON.stringify(exchange.response).includes('"functionCall"') &&
        JSON.stringify(exchange.response).includes("thoughtSignature"),
    )!;
    upstream.answering = replay(signed.exchange.response);
    const first = await gateway.post("/v1/chat/completions", {
      model: "google/gemini-3-flash-preview",
      messages: [{ role: "user", content: "hi" }],
    });
    const { choices } = (await first.json()) as { choices: { message: { tool_calls: { id: string }[] } }[] };
    const { message } = choices[0]!;
    expect(message.tool_calls.length).toBeGreaterThan(0);
    const results = message.tool_calls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: "done" }));
    await gateway.post("/v1/chat/completions", {
      model: "google/gemini-3-flash-preview",
      messages: [{ role: "user", content: "hi" }, message, ...results],
    });
    const parts = (signed.exchange.response.body as GenerateContentResponse).candidates![0]!.content!.parts!;
    const sent = upstream.requests.at(-1)!.json as {
      contents: { role: string; parts: { functionCall?: object; thoughtSignature?: string }[] }[];
    };
    const back = sent.contents[1]!.parts.filter(({ functionCall }) => functionCall);
    const before = parts.filter(({ functionCall }) => functionCall);
    expect(back.map(({ thoughtSignature }) => thoughtSignature)).toEqual(before.map(({ thoughtSignature }) => thoughtSignature));
    expect(sent.contents[2]!.parts.every((part) => "functionResponse" in part)).toBeTrue();
  });

  test.each([
    ["OpenAI's chat", "/v1/chat/completions", { messages: [{ role: "user", content: "hi" }] }, "data: [DONE]"],
    ["Anthropic's Messages", "/v1/messages", { max_tokens: 9, messages: [{ role: "user", content: "hi" }] }, "message_stop"],
    ["Responses", "/v1/responses", { input: "hi" }, "response.completed"],
    ["Ollama's chat", "/api/chat", { messages: [{ role: "user", content: "hi" }] }, '"done":true'],
  ])("by %s, streamed", async (_, path, body, end) => {
    upstream.answering = replay(
      good.find(({ isStream, pieces }) => isStream && JSON.stringify(pieces).includes('"STOP"'))!.exchange.response,
    );
    const answer = await gateway.post(path, { model: "google/gemini-2.5-flash", stream: true, ...body });
    expect(await answer.text()).toContain(end);
  });
});

describe("the list of models", () => {
  test("is Google's own for its client, page by page", async () => {
    const names: string[] = [];
    for await (const model of await client(gateway.url).models.list({ config: { pageSize: 4 } })) names.push(model.name!);
    expect(names).toContain("models/chat/gpt-4o");
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(4);
    expect(await client(gateway.url).models.get({ model: "chat/gpt-4o" })).toMatchObject({ name: "models/chat/gpt-4o" });
    const plain = (await (await fetch(`${gateway.url}/v1beta/models`)).json()) as {
      models: { name: string; supportedGenerationMethods: string[] }[];
    };
    expect(plain.models.map(({ name }) => name)).toEqual(names);
    const unknown = await fetch(`${gateway.url}/v1beta/models/nobody`);
    expect([unknown.status, ((await unknown.json()) as { error: object }).error]).toMatchObject([404, { status: "NOT_FOUND" }]);
  });
});
