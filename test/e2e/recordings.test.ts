import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { configFor, type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { exchangesOf, isStream, type RecordedExchange, recordings, replay, responseBytes } from "../support/recordings.ts";
import { Upstream } from "../support/upstream.ts";

/** Everything that OpenAI's chat endpoint was recorded to answer with success, to requests that name a model. */
const exchanges = recordings({ provider: "openai", api: "chat" }).flatMap((row) =>
  exchangesOf(row)
    .map((exchange, index) => ({
      name: `${row.id}#${index}`,
      exchange,
      request: exchange.request.body as { model?: string; stream?: boolean } | undefined,
    }))
    .filter(({ exchange: { api, response }, request }) => api === "chat" && response.status === 200 && typeof request?.model === "string"),
);

const models = [...new Set(exchanges.map(({ request }) => request!.model!))];

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

async function ask({ request }: RecordedExchange, stream: boolean): Promise<Response> {
  return gateway.post("/v1/chat/completions", { ...(request.body as object), stream });
}

describe("recorded answers of OpenAI pass the gateway byte for byte", () => {
  test("there is something to prove: whole answers and streams", () => {
    expect(exchanges.filter(({ exchange }) => isStream(exchange.response)).length).toBeGreaterThan(20);
    expect(exchanges.filter(({ exchange }) => !isStream(exchange.response)).length).toBeGreaterThan(20);
  });

  test.each(exchanges)("$name", async ({ exchange }) => {
    upstream.answering = replay(exchange.response);
    const response = await ask(exchange, isStream(exchange.response));
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.bytes()).equals(Buffer.from(responseBytes(exchange.response)))).toBe(true);
    expect(response.headers.get("x-omni-target")).toBe(`up/${(exchange.request.body as { model: string }).model}`);
  });

  test("streams arrive the same however the network cuts them", async () => {
    const small = exchanges
      .filter(({ exchange }) => isStream(exchange.response))
      .sort((a, b) => responseBytes(a.exchange.response).length - responseBytes(b.exchange.response).length);
    for (const { exchange } of small.slice(0, 3)) {
      for (const chunkBytes of [1, 7, 64, 1000]) {
        upstream.answering = replay(exchange.response, { chunkBytes });
        const response = await ask(exchange, true);
        expect(Buffer.from(await response.bytes()).equals(Buffer.from(responseBytes(exchange.response)))).toBe(true);
      }
    }
  });

  test("what the provider gets is what the client sent, but for what the gateway must change", async () => {
    upstream.answering = replay(exchanges.find(({ exchange }) => !isStream(exchange.response))!.exchange.response);
    const body = `{"messages" : [ {"role":"user","content":"caf\\u00e9 1e400 12345678901234567890"} ],\n "seed":12345678901234567890, "temperature":1.0,"model":"up/${models[0]}" , "x_unknown":{"a":[1.50,-0]}}`;
    const before = upstream.requests.length;
    await gateway.post("/v1/chat/completions", body, {
      headers: { authorization: "Bearer client-key", cookie: "a=b", "x-forwarded-for": "1.2.3.4" },
    });
    const seen = upstream.requests[before]!;
    expect(seen.text).toBe(body.replace(`up/${models[0]}`, models[0]!));
    for (const header of ["authorization", "cookie", "x-forwarded-for"]) expect(seen.headers.get(header)).toBeNull();
  });
});
