import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { configFor, type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { Upstream } from "../support/upstream.ts";

const SESSION = JSON.parse(readFileSync(join(import.meta.dir, "../policies/compress/transcript/golden/session.json"), "utf8")) as object;
const ANSWER = {
  headers: { "content-type": "application/json" },
  body: '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}]}',
};

let upstream: Upstream;
let gateway: GatewayProcess;

beforeAll(async () => {
  upstream = new Upstream(ANSWER);
  gateway = await startGateway(configFor(upstream.baseUrl, ["gpt-4o"]));
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

async function send(body: object, headers: Record<string, string> = {}): Promise<{ response: Response; seen: string }> {
  const before = upstream.requests.length;
  const response = await gateway.post("/v1/chat/completions", body, { headers });
  return { response, seen: upstream.requests[before]!.text };
}

describe("tool results", () => {
  test("are compressed on their way, and the answer says by how much", async () => {
    const body = { ...SESSION, model: "up/gpt-4o", stream: false };
    const { response, seen } = await send(body);
    expect(response.status).toBe(200);
    expect(seen.length).toBeLessThan(JSON.stringify(body).length * 0.6);
    expect(JSON.parse(seen).model).toBe("gpt-4o");
    expect(response.headers.get("x-omni-rtk")).toMatch(/^[a-z0-9+-]+;bytes=\d+>\d+/);
  });

  test.each(["x-omni-rtk", "X-Omniroute-Rtk"])("are left alone when a request says so by %s", async (header) => {
    const body = { ...SESSION, model: "gpt-4o", stream: false };
    const { response, seen } = await send(body, { [header]: "off" });
    expect(JSON.parse(seen)).toEqual(body);
    expect(response.headers.get("x-omni-rtk")).toBeNull();
  });

  test("are compressed in a stream that is asked for with its usage as well", async () => {
    const body = { ...SESSION, model: "up/gpt-4o", stream: true };
    const { seen } = await send(body);
    expect(seen.length).toBeLessThan(JSON.stringify(body).length * 0.6);
    expect(JSON.parse(seen)).toMatchObject({ model: "gpt-4o", stream: true, stream_options: { include_usage: true } });
  });

  test("a request without any passes as it is", async () => {
    const body = { model: "gpt-4o", messages: [{ role: "user", content: "x".repeat(5000) }] };
    const { response, seen } = await send(body);
    expect(seen).toBe(JSON.stringify(body));
    expect(response.headers.get("x-omni-rtk")).toBeNull();
  });
});
