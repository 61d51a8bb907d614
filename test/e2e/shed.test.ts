import { expect, test } from "bun:test";
import { startGateway } from "../support/gateway-process.ts";
import { Upstream } from "../support/upstream.ts";

test("a gateway with too little memory refuses work at once, in the client's words, and stays there for everything else", async () => {
  using upstream = new Upstream();
  await using gateway = await startGateway(`import { defineConfig, provider } from "omni";
export default defineConfig({
  providers: { up: provider.openaiCompatible({ baseUrl: "${upstream.baseUrl}", models: { chat: ["m"] } }) },
  server: { shed: { memoryBytes: 1_000_000 } },
});
`);
  const body = { model: "m", max_tokens: 5, messages: [{ role: "user", content: "hi" }] };
  const chat = await gateway.post("/v1/chat/completions", body);
  expect([chat.status, chat.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(((await chat.json()) as { error: { code: string } }).error.code).toBe("overloaded");
  const messages = await gateway.post("/v1/messages", body);
  expect(messages.status).toBe(529);
  expect(upstream.requests.length).toBe(0);
  for (const path of ["/healthz", "/v1/models", "/admin/health"]) expect((await fetch(`${gateway.url}${path}`)).status).toBe(200);
}, 30_000);
