import { afterAll, beforeAll, describe, expect, test } from "bun:test";
// The package's other door is for Node, and brings a proxy of its own.
import { type ChatRequest, type ChatResponse, Ollama } from "ollama/browser";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { exchangesOf, isStream, recordings, replay } from "../support/recordings.ts";
import { type Script, Upstream } from "../support/upstream.ts";

const recorded = recordings({ provider: "ollama" }).flatMap((row) =>
  exchangesOf(row).map((exchange, index) => ({ name: `${row.id}#${index}`, exchange, body: exchange.request.body as ChatRequest })),
);
const models = [...new Set(recorded.map(({ body }) => body.model)), "llama3"];

let upstream: Upstream;
let gateway: GatewayProcess;

/** Targets rest after a failure, so that a test with one has a gateway of its own. */
const start = (): Promise<GatewayProcess> =>
  startGateway(`import { defineConfig, provider } from "omni";
export default defineConfig({
  providers: {
    local: provider.ollama({ baseUrl: "${upstream.url}", models: { chat: ${JSON.stringify([...new Set(models)])} } }),
    chat: provider.openaiCompatible({ baseUrl: "${upstream.baseUrl}", models: { chat: ["gpt-4o"] } }),
    sim: provider.simulator({ models: { chat: ["echo", "tools", "fail-429", "fail-error-in-stream"] }, settings: { firstTokenDelay: "1ms", pace: "1ms" } }),
  },
});
`);

beforeAll(async () => {
  upstream = new Upstream();
  gateway = await start();
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

/** What the official client makes of an answer: objects, or what it throws. */
async function outcome(host: string, request: ChatRequest, stream: boolean): Promise<unknown> {
  const client = new Ollama({ host });
  try {
    if (!stream) return await client.chat({ ...request, stream: false });
    const lines: ChatResponse[] = [];
    for await (const line of await client.chat({ ...request, stream: true })) lines.push(line);
    return lines;
  } catch (error) {
    const { name, message, status_code: status } = error as Error & { status_code?: number };
    return { name, message, status };
  }
}

const asked: ChatRequest = { model: "llama3", messages: [{ role: "user", content: "hi" }] };
const lines = (...objects: readonly object[]): Script => ({
  headers: { "content-type": "application/x-ndjson" },
  body: objects.map((object) => `${JSON.stringify(object)}\n`),
  framing: "chunked",
});
const line = (message: object, done = false): object => ({
  model: "llama3",
  created_at: "2026-01-02T03:04:05.678901234Z",
  message: { role: "assistant", content: "", ...message },
  done,
  ...(done && {
    done_reason: "stop",
    total_duration: 9,
    load_duration: 1,
    prompt_eval_count: 3,
    prompt_eval_duration: 2,
    eval_count: 4,
    eval_duration: 6,
  }),
});

describe("Ollama's client sees the same through the gateway as directly", () => {
  test.each(recorded)("$name", async ({ exchange, body }) => {
    upstream.answering = replay(exchange.response, { chunkBytes: 50 });
    const stream = isStream(exchange.response);
    for (const host of [gateway.url, `${gateway.url}/v1`, `${gateway.url}/api/v1`, `${gateway.url}/v1/providers/local`]) {
      expect(await outcome(host, body, stream)).toEqual(await outcome(upstream.url, body, stream));
    }
    expect(upstream.requests.at(-1)?.path).toBe("/api/chat");
  });

  test("with thoughts and calls of tools, each in a line of its own", async () => {
    const call = { function: { name: "get_weather", arguments: { city: "Rome", id: 12 } } };
    upstream.answering = lines(line({ thinking: "Hm" }), line({ tool_calls: [call] }), line({ tool_calls: [call] }), line({}, true));
    expect(await outcome(gateway.url, asked, true)).toEqual(await outcome(upstream.url, asked, true));
  });

  test.each([400, 404, 422])("when the provider refuses its request: %d", async (status) => {
    upstream.answering = {
      status,
      headers: { "content-type": "application/json" },
      body: '{"error":"registry.ollama.ai/x does not support tools"}',
    };
    expect(await outcome(gateway.url, asked, false)).toEqual(await outcome(upstream.url, asked, false));
  });

  test("when an error comes in the middle of a stream", async () => {
    await using fresh = await start();
    upstream.answering = lines(line({ content: "He" }), { error: "an error was encountered while running the model" });
    expect(await outcome(fresh.url, asked, true)).toEqual(await outcome(upstream.url, asked, true));
  });

  test("a stream that breaks off throws instead of ending", async () => {
    await using fresh = await start();
    upstream.answering = { ...lines(line({ content: "He" })), framing: "close" };
    expect(await outcome(fresh.url, asked, true)).toMatchObject({ name: "Error", message: expect.stringContaining("broke off") });
  });

  test("streams unless told not to", async () => {
    upstream.answering = lines(line({ content: "He" }), line({}, true));
    const { stream: _stream, ...silent } = { stream: undefined, ...asked };
    for (const body of [silent, { ...silent, stream: null }, { ...silent, stream: true }]) {
      const answer = await gateway.post("/api/chat", body);
      expect(answer.headers.get("content-type")).toBe("application/x-ndjson");
      expect((await answer.text()).split("\n").length).toBe(3);
      expect(upstream.requests.at(-1)!.json).toEqual(body);
    }
  });
});

describe("Ollama's client reaches a provider of another format", () => {
  const completion = (message: object, finish = "stop"): Script => ({
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1_700_000_000,
      model: "gpt-4o",
      choices: [{ index: 0, message: { role: "assistant", content: null, ...message }, finish_reason: finish }],
      usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
    }),
  });
  const chunks = (...choices: readonly object[]): Script => ({
    headers: { "content-type": "text/event-stream" },
    body: [
      ...choices.map(
        (choice) =>
          `data: ${JSON.stringify({ id: "chatcmpl-1", created: 1_700_000_000, model: "gpt-4o", choices: [{ index: 0, finish_reason: null, ...choice }] })}\n\n`,
      ),
      `data: ${JSON.stringify({ id: "chatcmpl-1", model: "gpt-4o", choices: [], usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 } })}\n\n`,
      "data: [DONE]\n\n",
    ],
    framing: "chunked",
  });
  const call = (index: number, name: string, args: string) => ({
    index,
    id: `call_${index}`,
    type: "function",
    function: { name, arguments: args },
  });
  const elsewhere: ChatRequest = { ...asked, model: "chat/gpt-4o" };

  test("with words and thoughts, whole", async () => {
    upstream.answering = completion({ content: "Hello", reasoning_content: "Hm" });
    const seen = (await outcome(
      gateway.url,
      { ...elsewhere, think: true, options: { num_predict: 5, top_p: 0.5 } },
      false,
    )) as ChatResponse;
    expect(seen).toEqual({
      model: "gpt-4o",
      created_at: "2023-11-14T22:13:20.000Z" as never,
      message: { role: "assistant", content: "Hello", thinking: "Hm" },
      done_reason: "stop",
      done: true,
      total_duration: expect.any(Number) as never,
      load_duration: 0,
      prompt_eval_count: 11,
      prompt_eval_duration: 0,
      eval_count: 7,
      eval_duration: expect.any(Number) as never,
    });
    expect(upstream.requests.at(-1)!.json).toMatchObject({
      model: "gpt-4o",
      max_tokens: 5,
      top_p: 0.5,
      messages: [{ role: "user", content: "hi" }],
    });
  });

  test("with words, streamed: exactly one line is done, and it has the counts and the times", async () => {
    upstream.answering = chunks(
      { delta: { role: "assistant", content: "" } },
      { delta: { content: "Hel" } },
      { delta: { content: "lo" } },
      { delta: {}, finish_reason: "length" },
    );
    const seen = (await outcome(gateway.url, elsewhere, true)) as ChatResponse[];
    expect(seen.map(({ message }) => message.content)).toEqual(["Hel", "lo", ""]);
    expect(seen.map(({ done }) => done)).toEqual([false, false, true]);
    expect(upstream.requests.at(-1)!.headers.get("accept")).toBe("text/event-stream");
    const { total_duration: total, prompt_eval_duration: reading, eval_duration: writing, ...end } = seen.at(-1)!;
    expect(end).toMatchObject({ done_reason: "length", prompt_eval_count: 11, eval_count: 7, load_duration: 0 });
    for (const nanos of [total, reading, writing]) expect(Number.isInteger(nanos)).toBeTrue();
    expect(total).toBe(reading + writing);
    expect(total).toBeGreaterThan(0);
  });

  test("with tools, whole and streamed, there and back", async () => {
    const tools = [
      { type: "function", function: { name: "get_weather", description: "Weather", parameters: { type: "object", properties: {} } } },
    ];
    for (const stream of [false, true]) {
      const calls = [call(0, "get_weather", '{"city":"Rome"}'), call(1, "get_weather", '{"city":"Oslo"}')];
      upstream.answering = stream
        ? chunks({ delta: { role: "assistant", content: null, tool_calls: calls } }, { delta: {}, finish_reason: "tool_calls" })
        : completion({ tool_calls: calls }, "tool_calls");
      const seen = [await outcome(gateway.url, { ...elsewhere, tools }, stream)].flat() as ChatResponse[];
      const messages = seen.flatMap(({ message }) => message.tool_calls ?? []);
      expect(messages.map((each) => each.function.arguments)).toEqual([{ city: "Rome" }, { city: "Oslo" }]);
      expect(seen.at(-1)).toMatchObject({ done: true, done_reason: "stop" });
      upstream.answering = completion({ content: "Sunny" });
      // As the client's own guide does it: no ids, only names and order.
      const plain = messages.map((each) => ({ function: { name: each.function.name, arguments: each.function.arguments } }));
      await outcome(
        gateway.url,
        {
          ...elsewhere,
          messages: [
            { role: "user", content: "hi" },
            { role: "assistant", content: "", tool_calls: plain },
            { role: "tool", tool_name: "get_weather", content: "sunny" },
            { role: "tool", tool_name: "get_weather", content: "snow" },
          ],
        },
        false,
      );
      const sent = upstream.requests.at(-1)!.json as {
        messages: { tool_calls?: { id: string }[]; tool_call_id?: string; content: string }[];
      };
      const ids = sent.messages[1]!.tool_calls!.map(({ id }) => id);
      expect(new Set(ids).size).toBe(2);
      expect(sent.messages.slice(2)).toMatchObject([
        { role: "tool", tool_call_id: ids[0]!, content: "sunny" },
        { role: "tool", tool_call_id: ids[1]!, content: "snow" },
      ]);
    }
  });

  test("with a picture and a schema", async () => {
    upstream.answering = completion({ content: "{}" });
    const schema = { type: "object", properties: { a: { type: "string" } } };
    await outcome(
      gateway.url,
      { ...elsewhere, format: schema, messages: [{ role: "user", content: "?", images: ["iVBORw0KGgoAAAANSUhEUg=="] }] },
      false,
    );
    expect(upstream.requests.at(-1)!.json).toMatchObject({
      response_format: { type: "json_schema", json_schema: { schema } },
      messages: [
        {
          content: [
            { type: "text", text: "?" },
            { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==" } },
          ],
        },
      ],
    });
  });

  test("with errors, before and in the middle of a stream", async () => {
    await using fresh = await start();
    upstream.answering = {
      status: 400,
      headers: { "content-type": "application/json" },
      body: '{"error":{"message":"Unsupported value","type":"invalid_request_error"}}',
    };
    expect(await outcome(fresh.url, elsewhere, false)).toEqual({ name: "ResponseError", message: "Unsupported value", status: 400 });
    upstream.answering = {
      headers: { "content-type": "text/event-stream" },
      body: [
        `data: ${JSON.stringify({ id: "x", model: "m", choices: [{ index: 0, delta: { content: "He" }, finish_reason: null }] })}\n\n`,
        'data: {"error":{"message":"boom","code":503}}\n\n',
      ],
      framing: "chunked",
    };
    const answer = await fresh.post("/api/chat", elsewhere);
    let text = "";
    try {
      for await (const chunk of answer.body!) text += Buffer.from(chunk).toString();
    } catch {
      // The connection is reset after the error, so that nobody takes it for an end.
    }
    const seen = text
      .trim()
      .split("\n")
      .map((each) => JSON.parse(each));
    expect(seen.map((each) => Object.keys(each).includes("error"))).toEqual([false, true]);
    expect(text).not.toContain('"done":true');
    expect(await outcome(fresh.url, { model: "nobody", messages: [] }, false)).toMatchObject({ name: "ResponseError", status: 400 });
    expect(await outcome(fresh.url, { ...elsewhere, messages: [{ role: "user", content: 5 as never }] }, false)).toMatchObject({
      message: expect.stringContaining("messages[0].content"),
      status: 400,
    });
  });
});

describe("Ollama's client and the simulator", () => {
  test("talk, whole and streamed", async () => {
    expect(await outcome(gateway.url, { ...asked, model: "sim/echo" }, false)).toMatchObject({
      done: true,
      message: { role: "assistant" },
    });
    const seen = (await outcome(gateway.url, { ...asked, model: "sim/echo" }, true)) as ChatResponse[];
    expect(seen.filter(({ done }) => done).length).toBe(1);
    expect(seen.map(({ message }) => message.content).join("").length).toBeGreaterThan(0);
  });

  test("use tools, whole and streamed", async () => {
    const tools = [
      { type: "function", function: { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } } },
    ];
    for (const stream of [false, true]) {
      const seen = [await outcome(gateway.url, { ...asked, model: "sim/tools", tools }, stream)].flat() as ChatResponse[];
      const calls = seen.flatMap(({ message }) => message.tool_calls ?? []);
      expect(calls.map((call) => [call.function.name, typeof call.function.arguments])).toEqual([["get_weather", "object"]]);
    }
  });

  test("fail, before an answer and in its middle", async () => {
    expect(await outcome(gateway.url, { ...asked, model: "sim/fail-429" }, false)).toMatchObject({ name: "ResponseError", status: 429 });
    expect(await outcome(gateway.url, { ...asked, model: "sim/fail-error-in-stream" }, true)).toMatchObject({
      name: "Error",
      status: undefined,
    });
  });
});

describe("clients of other formats reach Ollama", () => {
  test.each([
    ["OpenAI's chat", "/v1/chat/completions", { messages: [{ role: "user", content: "hi" }] }, "data: [DONE]"],
    ["Anthropic's Messages", "/v1/messages", { max_tokens: 9, messages: [{ role: "user", content: "hi" }] }, "message_stop"],
    ["Responses", "/v1/responses", { input: "hi" }, "response.completed"],
  ])("by %s, streamed", async (_, path, body, end) => {
    upstream.answering = lines(line({ thinking: "Hm" }), line({ content: "He" }), line({ content: "llo" }), line({}, true));
    const answer = await gateway.post(path, { model: "local/llama3", stream: true, ...body });
    const text = await answer.text();
    expect(text).toContain(end);
    expect(text).toContain("llo");
    expect(upstream.requests.at(-1)!.json).toMatchObject({ model: "llama3", stream: true, messages: [{ role: "user", content: "hi" }] });
    expect(upstream.requests.at(-1)!.headers.get("authorization")).toBeNull();
    expect(upstream.requests.at(-1)!.headers.get("accept")).toBe("application/x-ndjson");
  });

  test("with calls that have no ids: each gets its own, also from one answer to the next", async () => {
    const ids: string[] = [];
    for (const created of ["2026-01-02T03:04:05.000000001Z", "2026-01-02T03:04:05.000000002Z"]) {
      const calls = ["Rome", "Oslo"].map((city) => ({ function: { name: "get_weather", arguments: { city } } }));
      upstream.answering = {
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...line({ tool_calls: calls }, true), created_at: created }),
      };
      const answer = await gateway.post("/v1/chat/completions", { model: "local/llama3", messages: [{ role: "user", content: "hi" }] });
      const { choices } = (await answer.json()) as { choices: { finish_reason: string; message: { tool_calls: { id: string }[] } }[] };
      expect(choices[0]!.finish_reason).toBe("tool_calls");
      ids.push(...choices[0]!.message.tool_calls.map(({ id }) => id));
    }
    expect(new Set(ids).size).toBe(4);
  });
});

describe("what Ollama's tools ask besides", () => {
  test.each(["", "/v1", "/api/v1"])("is answered below %j", async (root) => {
    const client = new Ollama({ host: `${gateway.url}${root}` });
    const { models: listed } = await client.list();
    const [first] = listed.filter(({ name }) => name === "chat/gpt-4o");
    expect(first).toMatchObject({ model: "chat/gpt-4o", size: 0, details: { family: "chat" } });
    expect(Number.isNaN(new Date(first!.modified_at).getTime())).toBeFalse();
    expect(new Set(listed.map(({ digest }) => digest)).size).toBe(listed.length);
    expect(await client.show({ model: "chat/gpt-4o" })).toMatchObject({
      capabilities: ["completion", "tools"],
      details: { family: "chat" },
    });
    expect((await client.version()).version).toMatch(/^\d+\.\d+\.\d+$/);
    const refused = await client.show({ model: "nobody" }).catch((error) => error);
    expect(refused).toMatchObject({ name: "ResponseError", status_code: 404, message: expect.stringContaining("not found") });
  });

  test("is answered for one provider alone", async () => {
    const { models: listed } = await new Ollama({ host: `${gateway.url}/v1/providers/sim` }).list();
    expect(listed.map(({ name }) => name)).toContain("echo");
    const unknown = await fetch(`${gateway.url}/v1/providers/nobody/api/tags`);
    expect([unknown.status, await unknown.json()]).toMatchObject([400, { error: expect.stringContaining("nobody") }]);
  });

  test.each(["{", "null", "[]", '{"model":5}', "{}"])("is refused when it is wrong: %s", async (body) => {
    const answer = await gateway.post("/api/show", body);
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: expect.any(String) }]);
  });
});
