import { describe, expect, test } from "bun:test";
import { configFor, startGateway } from "../support/gateway-process.ts";
import { rawPost } from "../support/raw-client.ts";
import { NEVER, type Piece, Upstream } from "../support/upstream.ts";

const SSE = { "content-type": "text/event-stream; charset=utf-8" };
const REQUEST = { model: "gpt-4o", stream: true, messages: [{ role: "user", content: "hi" }] };
const MEGABYTE = 1024 * 1024;

const delta = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "gpt-4o", choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;
const END = `${delta("", "stop")}data: [DONE]\n\n`;

describe("streams", () => {
  test("1,000 slow streams run side by side, each whole", async () => {
    using upstream = new Upstream();
    await using gateway = await startGateway(configFor(upstream.baseUrl));
    const together = Promise.withResolvers<void>();
    upstream.answering = { headers: SSE, body: [delta("a"), { until: together.promise }, delta("b"), END] };
    // Over bare sockets: the runtime that the test runs on would have no more than 256 requests under way.
    const answers = Array.from({ length: 1000 }, () => rawPost(gateway.url, "/v1/chat/completions", REQUEST));
    // None ends before all have begun, so all were open at once.
    await upstream.until(() => upstream.requests.length === 1000);
    together.resolve();
    const whole = delta("a") + delta("b") + END;
    for (const answer of await Promise.all(answers)) expect(answer).toEqual({ status: 200, text: whole });
  }, 60_000);

  test("3,600 streams that clients leave cost the provider no open connection and the gateway no memory", async () => {
    using upstream = new Upstream();
    await using gateway = await startGateway(configFor(upstream.baseUrl));
    upstream.answering = { headers: SSE, body: [delta("a"), { until: new Promise(() => {}) }] };
    const leave = async (): Promise<void> => {
      const controller = new AbortController();
      const response = await gateway.post("/v1/chat/completions", REQUEST, { signal: controller.signal });
      await response.body!.getReader().read();
      controller.abort();
    };
    const leaveMany = async (rounds: number): Promise<number> => {
      for (let round = 0; round < rounds; round++) await Promise.all(Array.from({ length: 60 }, () => leave().catch(() => {})));
      await upstream.until(() => upstream.openConnections === 0);
      return gateway.rssBytes;
    };
    // The first thousands also pay for the runtime's compiling: over 135,000 streams memory went from 144 to 190 MB within 30,000, and no further.
    const warmBytes = await leaveMany(30);
    // Where the collector stands is chance; what is lost for good is there at each look.
    const laterBytes = Math.min(await leaveMany(10), await leaveMany(10), await leaveMany(10));
    expect(upstream.requests.length).toBe(3600);
    expect(upstream.openConnections).toBe(0);
    expect(laterBytes - warmBytes).toBeLessThan(16 * MEGABYTE);
  }, 60_000);

  test("a client that leaves before anything has come is gone for the provider too", async () => {
    using upstream = new Upstream();
    await using gateway = await startGateway(configFor(upstream.baseUrl));
    upstream.answering = NEVER;
    for (const stream of [true, false]) {
      const before = upstream.requests.length;
      const controller = new AbortController();
      const answer = gateway.post("/v1/chat/completions", { ...REQUEST, stream }, { signal: controller.signal }).catch(() => "gone");
      const seen = await upstream.request(before);
      controller.abort();
      expect(await seen.closed).toBe("client");
      expect(await answer).toBe("gone");
    }
  }, 20_000);

  test("a client that stops reading makes the gateway stop reading", async () => {
    using upstream = new Upstream();
    await using gateway = await startGateway(configFor(upstream.baseUrl));
    const piece = delta("x".repeat(64 * 1024));
    upstream.answering = { headers: SSE, body: [delta("a"), ...Array.from({ length: 4096 }, (): Piece => piece), END] };
    const rssBefore = gateway.rssBytes;
    const body = JSON.stringify(REQUEST);
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port: Number(new URL(gateway.url).port),
      socket: { data: (client) => void client.pause() },
    });
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    const seen = await upstream.request(0);
    let sent = -1;
    // It has stopped when a second brings nothing new.
    while (seen.bytesSent !== sent) {
      sent = seen.bytesSent;
      await Bun.sleep(1000);
    }
    expect(sent).toBeLessThan(48 * MEGABYTE);
    expect(gateway.rssBytes - rssBefore).toBeLessThan(48 * MEGABYTE);
    socket.terminate();
    expect(await seen.closed).toBe("client");
  }, 60_000);
});

describe("fail-over of streams", () => {
  const configOf = (a: Upstream, b: Upstream): string => `import { defineConfig, provider } from "omni";
export default defineConfig({
  providers: {
    a: provider.openaiCompatible({ baseUrl: ${JSON.stringify(a.baseUrl)}, models: { chat: ["m"] } }),
    b: provider.openaiCompatible({ baseUrl: ${JSON.stringify(b.baseUrl)}, models: { chat: ["m"] } }),
  },
  combos: { smart: { chat: ["a/m", "b/m"] } },
});
`;
  const role = `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }] })}\n\n`;
  const good = { headers: SSE, body: [role, delta("good"), END] };
  const chatError = { message: "no", type: "server_error", code: null, param: null };

  test.each([
    { fault: "a refusal with 500", script: { status: 500, body: "{}" } },
    { fault: "a refusal with 429", script: { status: 429, headers: { "retry-after": "1" }, body: "{}" } },
    { fault: "an error as first event of a 200", script: { headers: SSE, body: [`data: ${JSON.stringify({ error: chatError })}\n\n`] } },
    { fault: "an error after the role", script: { headers: SSE, body: [role, `data: ${JSON.stringify({ error: chatError })}\n\n`] } },
    {
      fault: "an error object in a whole 200",
      script: { headers: { "content-type": "application/json" }, body: JSON.stringify({ error: chatError }) },
    },
    { fault: "an empty stream", script: { headers: SSE, body: [] } },
    { fault: "a stream cut before content", script: { headers: SSE, body: [role], after: "rst" as const } },
    { fault: "a stream with nothing but [DONE]", script: { headers: SSE, body: ["data: [DONE]\n\n"] } },
    { fault: "a web page", script: { headers: { "content-type": "text/html" }, body: "<html>captive portal</html>" } },
    { fault: "a connection reset before the head", script: { raw: "", after: "rst" as const } },
    { fault: "a head that is no HTTP", script: { raw: "nonsense\r\n\r\n", after: "fin" as const } },
    { fault: "a redirect", script: { status: 307, headers: { location: "http://127.0.0.1:1/" }, body: "" } },
  ])("$fault goes over to the next target before the client notices", async ({ script }) => {
    using a = new Upstream(script);
    using b = new Upstream(good);
    await using gateway = await startGateway(configOf(a, b));
    const response = await gateway.post("/v1/chat/completions", { ...REQUEST, model: "smart" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(role + delta("good") + END);
    expect(response.headers.get("x-omni-target")).toBe("b/m");
    expect(response.headers.get("x-omni-attempts")).toBe("2");
  });

  test("after the first content nothing is tried again: the client is told, and nothing looks finished", async () => {
    using a = new Upstream({ headers: SSE, body: [role, delta("half"), { pauseMs: 100 }], after: "rst" });
    using b = new Upstream(good);
    await using gateway = await startGateway(configOf(a, b));
    const response = await gateway.post("/v1/chat/completions", { ...REQUEST, model: "smart" });
    const decoder = new TextDecoder();
    let text = "";
    let thrown: unknown;
    try {
      for await (const chunk of response.body!) text += decoder.decode(chunk, { stream: true });
    } catch (error) {
      thrown = error;
    }
    expect(text.startsWith(role + delta("half"))).toBe(true);
    expect(JSON.parse(text.slice((role + delta("half")).length).replace("data: ", "")).error.code).toMatch(/^upstream_/);
    expect(text).not.toContain("[DONE]");
    expect(thrown).toBeDefined();
    expect(b.requests.length).toBe(0);
  });

  test("when all fail, the error is an HTTP status in the client's envelope", async () => {
    using a = new Upstream({ status: 503, body: "{}" });
    using b = new Upstream({ status: 503, body: "{}" });
    await using gateway = await startGateway(configOf(a, b));
    const response = await gateway.post("/v1/chat/completions", { ...REQUEST, model: "smart" });
    expect(response.status).toBe(503);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect(error.code).toBe("upstream_overloaded");
    expect(error.message).toContain("a/m");
  });
});
