import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { exchangesOf, recordings, replay } from "../support/recordings.ts";
import { Upstream } from "../support/upstream.ts";
import { UPSTREAM_KEY } from "./three-formats.ts";

let upstream: Upstream;
let gateway: GatewayProcess;

const OWN = recordings({ provider: "anthropic", api: "count-tokens" }).flatMap((row) =>
  exchangesOf(row).flatMap((exchange) => {
    const { url_path, body } = exchange.request;
    return url_path?.includes("count_tokens") && exchange.response.status === 200
      ? [{ id: row.id, exchange, body: body as { model: string } }]
      : [];
  }),
);

beforeAll(async () => {
  upstream = new Upstream();
  const at = `baseUrl: ${JSON.stringify(upstream.baseUrl)}, apiKey: secret.env("UPSTREAM_KEY")`;
  const models = JSON.stringify([...new Set(OWN.map(({ body }) => body.model))]);
  gateway = await startGateway(
    `import { defineConfig, provider, secret } from "omni";
export default defineConfig({
  providers: {
    anthropic: provider.anthropic({ ${at}, models: { chat: ${models} } }),
    coding: provider.zaiCoding({ ${at} }),
    openai: provider.openai({ ${at} }),
    gemini: provider.gemini({ ${at} }),
    groq: provider.groq({ ${at} }),
  },
  combos: { smart: { chat: ["anthropic/claude-sonnet-5", "groq/llama-3.3-70b-versatile"] } },
});
`,
    { env: { UPSTREAM_KEY } },
  );
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

const json = (body: unknown, status = 200) => ({ status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
const asked = (model: string, more: object = {}) => ({ model, messages: [{ role: "user", content: "How many are these?" }], ...more });
const PATHS = ["/v1/messages/count_tokens", "/api/v1/messages/count_tokens"];

describe("Anthropic's counter is asked", () => {
  test.each(OWN)("and says what it said directly: $id", async ({ exchange, body }) => {
    upstream.answering = replay(exchange.response);
    const params = body as Anthropic.MessageCountTokensParams;
    const count = (baseURL: string, model: string) =>
      new Anthropic({ apiKey: "sk-client", authToken: null, baseURL, maxRetries: 0 }).messages.countTokens({ ...params, model });
    expect(await count(gateway.url, `anthropic/${body.model}`)).toEqual(await count(upstream.url, body.model));
    const [through, directly] = upstream.requests.slice(-2);
    expect(through!.path).toBe(directly!.path);
    expect(through!.json).toEqual(directly!.json);
  });

  test.each([
    ...PATHS.map((path) => ({ path, model: "anthropic/claude-sonnet-5" })),
    { path: "/v1/providers/anthropic/messages/count_tokens", model: "claude-sonnet-5" },
    { path: "/v1/messages/count_tokens", model: "combo:smart" },
  ])("by way of $path for $model, with the operator's key", async ({ path, model }) => {
    upstream.answering = json({ input_tokens: 14 });
    const answer = await gateway.post(path, asked(model, { unknown: true, stream: true }));
    expect([answer.status, await answer.json()]).toEqual([200, { input_tokens: 14 }]);
    expect(answer.headers.get("x-omni-estimate")).toBeNull();
    expect(answer.headers.get("x-omni-target")).toBe("anthropic/claude-sonnet-5");
    const sent = upstream.requests.at(-1)!;
    expect(sent.path).toBe("/v1/messages/count_tokens");
    expect(sent.headers.get("x-api-key")).toBe(UPSTREAM_KEY);
    expect(sent.json).toEqual(asked("claude-sonnet-5", { unknown: true, stream: true }));
  });

  test("and its refusal of a request is the client's to see", async () => {
    upstream.answering = json({ type: "error", error: { type: "invalid_request_error", message: "messages: too few" } }, 400);
    const answer = await gateway.post(PATHS[0]!, asked("anthropic/claude-sonnet-5"));
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining("messages: too few")]);
  });

  test.each([
    { what: "overloaded", script: json({ type: "error", error: { type: "overloaded_error", message: "no" } }, 529) },
    { what: "not saying a number", script: json({ tokens: "many" }) },
  ])("and when it is $what, an estimate stands in for it", async ({ script }) => {
    upstream.answering = script;
    const answer = await gateway.post(PATHS[0]!, asked("anthropic/claude-haiku-4-5"));
    expect([answer.status, answer.headers.get("x-omni-estimate")]).toEqual([200, "true"]);
    expect(((await answer.json()) as { input_tokens: number }).input_tokens).toBeGreaterThan(5);
  });
});

describe("without a counter the answer is an estimate, and says so", () => {
  test.each([
    { path: "/v1/messages/count_tokens", body: asked("groq/llama-3.3-70b-versatile"), field: "input_tokens" },
    { path: "/v1/messages/count_tokens", body: asked("coding/glm-5.2"), field: "input_tokens" },
    { path: "/v1/messages/count_tokens", body: asked("gemini/gemini-2.5-pro"), field: "input_tokens" },
    {
      path: "/v1/responses/input_tokens",
      body: { model: "groq/llama-3.3-70b-versatile", input: "How many are these?" },
      field: "input_tokens",
    },
    {
      path: "/v1beta/models/groq/llama-3.3-70b-versatile:countTokens",
      body: { contents: [{ parts: [{ text: "How many are these?" }] }] },
      field: "totalTokens",
    },
  ])("$path", async ({ path, body, field }) => {
    const before = upstream.requests.length;
    const answer = await gateway.post(path, body);
    const counted = (await answer.json()) as Record<string, number>;
    expect([answer.status, answer.headers.get("x-omni-estimate")]).toEqual([200, "true"]);
    expect(counted[field]).toBeWithin(5, 20);
    expect(upstream.requests.length).toBe(before);
  });

  test("and grows with what stands in a whole request of Google's", async () => {
    const whole = (text: string) => ({ generateContentRequest: { model: "models/x", contents: [{ role: "user", parts: [{ text }] }] } });
    const count = async (text: string) =>
      (
        (await (await gateway.post("/v1beta/models/groq/llama-3.3-70b-versatile:countTokens", whole(text))).json()) as {
          totalTokens: number;
        }
      ).totalTokens;
    expect((await count("word ".repeat(500))) - (await count("word"))).toBeGreaterThan(400);
  });
});

describe("other vendors' counters are asked by their own clients", () => {
  test("OpenAI's", async () => {
    upstream.answering = json({ object: "response.input_tokens", input_tokens: 11 });
    const answer = await gateway.post("/v1/responses/input_tokens", { model: "openai/gpt-5", input: "hi" });
    expect(await answer.json()).toEqual({ object: "response.input_tokens", input_tokens: 11 });
    expect(upstream.requests.at(-1)!.path).toBe("/v1/responses/input_tokens");
    expect(upstream.requests.at(-1)!.json).toEqual({ model: "gpt-5", input: "hi" });
  });

  test("Google's, with the model's own name wherever it stands", async () => {
    upstream.answering = json({ totalTokens: 5 });
    const body = { generateContentRequest: { model: "models/gemini/gemini-2.5-pro", contents: [{ parts: [{ text: "hi" }] }] } };
    const answer = await gateway.post("/v1beta/models/gemini/gemini-2.5-pro:countTokens", body);
    expect(await answer.json()).toEqual({ totalTokens: 5 });
    expect(upstream.requests.at(-1)!.path).toBe("/v1/models/gemini-2.5-pro:countTokens");
    expect(upstream.requests.at(-1)!.json.generateContentRequest.model).toBe("models/gemini-2.5-pro");
  });
});

test.each([
  { what: "a model that nobody has", body: asked("nobody/knows"), status: 400 },
  { what: "no model", body: { messages: [] }, status: 400 },
  { what: "messages of the wrong type", body: { ...asked("groq/llama-3.3-70b-versatile"), messages: "hi" }, status: 400 },
])("is refused in Anthropic's words: $what", async ({ body, status }) => {
  const answer = await gateway.post(PATHS[0]!, body);
  expect([answer.status, await answer.json()]).toMatchObject([status, { type: "error" }]);
});
