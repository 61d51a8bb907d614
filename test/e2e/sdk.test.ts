import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { configFor, type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { exchangesOf, isStream, recordings, replay } from "../support/recordings.ts";
import { type Script, Upstream } from "../support/upstream.ts";

const exchanges = recordings({ provider: "openai", api: "chat" }).flatMap((row) =>
  exchangesOf(row)
    .map((exchange, index) => ({
      name: `${row.id}#${index}`,
      exchange,
      body: exchange.request.body as OpenAI.ChatCompletionCreateParams | undefined,
    }))
    .filter(({ exchange, body }) => exchange.api === "chat" && exchange.response.status === 200 && typeof body?.model === "string"),
);
const models = [...new Set(exchanges.map(({ body }) => body!.model)), "gpt-4o"];

let upstream: Upstream;
let gateway: GatewayProcess;

beforeAll(async () => {
  upstream = new Upstream();
  gateway = await startGateway(configFor(upstream.baseUrl, models));
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

const client = (baseURL: string, maxRetries = 0) => new OpenAI({ apiKey: "sk-client", baseURL, maxRetries });

/** What the official client makes of an answer: objects, or the class and fields of what it throws. */
async function outcome(baseURL: string, body: OpenAI.ChatCompletionCreateParams, stream: boolean): Promise<unknown> {
  try {
    if (!stream) {
      const completion = await client(baseURL).chat.completions.create({ ...body, stream: false });
      return { completion, requestId: completion._request_id };
    }
    const chunks: unknown[] = [];
    for await (const chunk of await client(baseURL).chat.completions.create({ ...body, stream: true })) chunks.push(chunk);
    return chunks;
  } catch (error) {
    const { name, status, message } = error as { name: string; status?: number; message: string };
    return { thrown: (error as Error).constructor.name, name, status, message };
  }
}

describe("the official client sees the same through the gateway as directly", () => {
  test.each(exchanges)("$name", async ({ exchange, body }) => {
    upstream.answering = replay(exchange.response);
    const stream = isStream(exchange.response);
    expect(await outcome(`${gateway.url}/v1`, body!, stream)).toEqual(await outcome(upstream.baseUrl, body!, stream));
  });

  const params: OpenAI.ChatCompletionCreateParams = { model: "gpt-4o", messages: [{ role: "user", content: "hi" }] };
  const rejected = (status: number, error: object): Script => ({
    status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ error }),
  });

  test.each([
    {
      claim: "400 with a field",
      script: rejected(400, {
        message: "Unsupported value",
        type: "invalid_request_error",
        param: "temperature",
        code: "unsupported_value",
      }),
    },
    { claim: "422", script: rejected(422, { message: "Unprocessable", type: "invalid_request_error", param: null, code: null }) },
    { claim: "413", script: rejected(413, { message: "Too large", type: "invalid_request_error", param: null, code: null }) },
  ])("an error that is the client's own is told in the provider's words: $claim", async ({ script }) => {
    upstream.answering = script;
    expect(await outcome(`${gateway.url}/v1`, params, false)).toEqual(await outcome(upstream.baseUrl, params, false));
  });

  test.each([
    { status: 429, class: "RateLimitError" },
    { status: 500, class: "InternalServerError" },
    { status: 503, class: "InternalServerError" },
  ])("a $status is of the same class, and is tried as often by the client itself", async ({ status, class: expected }) => {
    await using fresh = await startGateway(configFor(upstream.baseUrl));
    const count = async (baseURL: string): Promise<number> => {
      const before = upstream.requests.length;
      upstream.answering = {
        ...rejected(status, { message: "no" }),
        headers: { "content-type": "application/json", "retry-after-ms": "5" },
      };
      const thrown = await client(baseURL, 2)
        .chat.completions.create({ ...params, stream: false })
        .catch((error: Error) => error.constructor.name);
      expect(thrown as string).toBe(expected);
      const seen = upstream.requests.slice(before);
      if (seen.length !== 3)
        console.log(
          baseURL,
          seen.map((r) => [r.connection, r.atMs, r.closedBy, r.rawHeaders, r.text]),
        );
      return seen.length;
    };
    expect(await count(`${fresh.url}/v1`)).toBe(await count(upstream.baseUrl));
  });

  test("a credential of ours that is refused never looks like the client's own", async () => {
    upstream.answering = rejected(401, {
      message: "Incorrect API key provided: sk-up***ary",
      type: "invalid_request_error",
      code: "invalid_api_key",
    });
    const seen = (await outcome(`${gateway.url}/v1`, params, false)) as { status: number; message: string };
    expect(seen.status).toBe(502);
    expect(seen.message).not.toContain("sk-up");
  });

  test("a stream that breaks off throws in the client instead of ending", async () => {
    const whole = exchanges.find(({ exchange }) => isStream(exchange.response))!;
    for (const by of ["fin", "rst"] as const) {
      upstream.answering = { ...replay(whole.exchange.response), cut: { after: 900, by } };
      const seen = (await outcome(`${gateway.url}/v1`, whole.body!, true)) as { thrown?: string };
      expect(seen.thrown).toBeString();
    }
  });
});
