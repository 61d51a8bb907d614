import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { signV4 } from "../../src/providers/sigv4.ts";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { cutEvery, exchangesOf, recordings, replay, responseBytes } from "../support/recordings.ts";
import { Upstream } from "../support/upstream.ts";

const KEYS = { accessKeyId: "AKIDEXAMPLE00000", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const NOVA = "us.amazon.nova-lite-v1:0";

const answers = (provider: string, api: string) =>
  recordings({ provider, api })
    .flatMap(exchangesOf)
    .filter(({ response }) => response.status === 200);
const binary = answers("bedrock", "converse").filter(
  ({ api, response }) =>
    api === "converse-stream" && response.body_base64 !== undefined && Buffer.from(responseBytes(response)).includes("toolUse"),
);
const wholes = answers("bedrock", "converse").filter(({ response }) =>
  JSON.stringify(response.body ?? {}).includes(`"stopReason":"tool_use"`),
);
const cohere = answers("cohere", "v2-chat").filter(({ response }) => response.sse?.includes("tool-call-start"));

let upstream: Upstream;
let gateway: GatewayProcess;
let client: OpenAI;

beforeAll(async () => {
  upstream = new Upstream();
  gateway = await startGateway(
    `import { defineConfig, provider, secret } from "omni";
export default defineConfig({
  providers: {
    aws: provider.bedrock({ baseUrl: "${upstream.url}", settings: { region: "eu-west-1" }, models: { chat: ["${NOVA}"] }, apiKey: secret.env("KEY") }),
    cohere: provider.cohere({ baseUrl: "${upstream.url}/v2", apiKey: secret.env("KEY") }),
  },
});
`,
    { env: { KEY: `${KEYS.accessKeyId}:${KEYS.secretAccessKey}` } },
  );
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: "none", maxRetries: 0 });
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

const messages = [{ role: "user", content: "What is the weather — “here”?" }] as const;

describe("OpenAI's own client", () => {
  test("gets calls from Bedrock's binary stream, cut anywhere, and Bedrock a signature of what it was really sent", async () => {
    expect(binary.length).toBeGreaterThan(0);
    for (const { response } of binary) {
      const body = cutEvery(responseBytes(response), 7);
      upstream.script({ headers: { "content-type": "application/vnd.amazon.eventstream" }, body, framing: "chunked" });
      const final = await client.chat.completions.stream({ model: `aws/${NOVA}`, messages: [...messages] }).finalChatCompletion();
      expect(final.choices[0]!.finish_reason).toBe("tool_calls");
      for (const call of final.choices[0]!.message.tool_calls!) if (call.type === "function") JSON.parse(call.function.arguments);
      const { method, path, headers, body: sent } = upstream.requests.at(-1)!;
      expect(path).toBe(`/model/${encodeURIComponent(NOVA)}/converse-stream`);
      const atMs = Date.parse(headers.get("x-amz-date")!.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
      const request = {
        method,
        url: `http://${headers.get("host")}${path}`,
        headers: { "content-type": headers.get("content-type")! },
        body: sent,
      };
      expect(headers.get("authorization")).toBe(signV4(request, KEYS, { region: "eu-west-1", service: "bedrock" }, atMs)["authorization"]!);
    }
  });

  test("gets calls from Bedrock's whole answers", async () => {
    for (const { response } of wholes.slice(0, 5)) {
      upstream.script(replay(response));
      const { choices, model } = await client.chat.completions.create({ model: `aws/${NOVA}`, messages: [...messages] });
      expect([choices[0]!.finish_reason, model]).toEqual(["tool_calls", NOVA]);
    }
  });

  test("gets Bedrock's refusal of the gateway's key as the gateway's failure, not its own", async () => {
    upstream.script({
      status: 403,
      headers: { "x-amzn-errortype": "UnrecognizedClientException" },
      body: '{"message":"The security token is invalid."}',
    });
    const error = await client.chat.completions.create({ model: `aws/${NOVA}`, messages: [...messages] }).catch((thrown) => thrown);
    expect([error.status, error.code]).toEqual([502, "upstream_auth"]);
    expect(error.message).not.toContain("security token");
  });

  test("gets calls from Cohere's stream", async () => {
    expect(cohere.length).toBeGreaterThan(0);
    for (const { response } of cohere) {
      upstream.script(replay(response, { chunkBytes: 11 }));
      const final = await client.chat.completions
        .stream({ model: "cohere/command-a-03-2025", messages: [...messages] })
        .finalChatCompletion();
      expect(final.choices[0]!.finish_reason).toBe("tool_calls");
      expect(upstream.requests.at(-1)!.path).toBe("/v2/chat");
    }
  });
});
