import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { Upstream } from "../support/upstream.ts";
import { UPSTREAM_KEY } from "./three-formats.ts";

let upstream: Upstream;
let gateway: GatewayProcess;

beforeAll(async () => {
  upstream = new Upstream();
  const at = `baseUrl: ${JSON.stringify(upstream.baseUrl)}, apiKey: secret.env("UPSTREAM_KEY")`;
  gateway = await startGateway(
    `import { defineConfig, provider, secret } from "omni";
export default defineConfig({
  providers: { openai: provider.openai({ ${at} }), groq: provider.groq({ ${at} }) },
  combos: { both: { chat: ["groq/llama-3.3-70b-versatile", "openai/gpt-5"] } },
});
`,
    { env: { UPSTREAM_KEY } },
  );
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

const RESPONSE = {
  id: "resp_2",
  object: "response",
  status: "completed",
  model: "gpt-5",
  output: [
    {
      type: "message",
      id: "msg_1",
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text: "Yes.", annotations: [] }],
    },
  ],
};
const asked = (model: string, kept: object) => ({ model, input: "And then?", ...kept });
const KEPT = [
  { field: "previous_response_id", kept: { previous_response_id: "resp_1" } },
  { field: "conversation", kept: { conversation: { id: "conv_1" } } },
  { field: "prompt", kept: { prompt: { id: "pmpt_1" } } },
];

describe("a request that goes on from what OpenAI keeps", () => {
  test.each(KEPT)("passes to OpenAI as it is: $field", async ({ kept }) => {
    upstream.answering = { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(RESPONSE) };
    const answer = await gateway.post("/v1/responses", asked("openai/gpt-5", kept));
    expect([answer.status, await answer.json()]).toEqual([200, RESPONSE]);
    expect(upstream.requests.at(-1)!.json).toMatchObject(kept);
  });

  test.each(KEPT.flatMap((row) => [false, true].map((stream) => ({ ...row, stream }))))(
    "is refused for others, not answered without it: $field, stream $stream",
    async ({ field, kept, stream }) => {
      const before = upstream.requests.length;
      const answer = await gateway.post("/v1/responses", { ...asked("groq/llama-3.3-70b-versatile", kept), stream });
      expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: "previous_response_not_found", param: field } }]);
      expect(upstream.requests.length).toBe(before);
    },
  );

  test("is not counted without it either", async () => {
    const answer = await gateway.post("/v1/responses/input_tokens", asked("groq/llama-3.3-70b-versatile", KEPT[0]!.kept));
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: "previous_response_not_found" } }]);
  });

  test("finds OpenAI among others", async () => {
    upstream.answering = { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(RESPONSE) };
    const answer = await gateway.post("/v1/responses", asked("combo:both", KEPT[0]!.kept));
    expect([answer.status, answer.headers.get("x-omni-target")]).toEqual([200, "openai/gpt-5"]);
  });

  test("is no such thing when the field is null", async () => {
    const message = { role: "assistant", content: "Yes." };
    const body = { id: "c", object: "chat.completion", created: 1, model: "m", choices: [{ index: 0, message, finish_reason: "stop" }] };
    upstream.answering = { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const answer = await gateway.post("/v1/responses", asked("groq/llama-3.3-70b-versatile", { previous_response_id: null }));
    expect(answer.status).toBe(200);
  });
});
