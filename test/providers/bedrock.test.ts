import { describe, expect, test } from "bun:test";
import { signV4 } from "../../src/providers/sigv4.ts";
import { converseEvent } from "../wire/bedrock-converse/frames.ts";
import { reach } from "./reach.ts";

const MODEL = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
const BEDROCK = { kind: "bedrock", models: { chat: [MODEL] }, settings: { region: "eu-west-1" } };
const KEYS = { accessKeyId: "AKIDEXAMPLE00000", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };

const whole = () =>
  Response.json({
    output: { message: { role: "assistant", content: [{ text: "Hello." }] } },
    stopReason: "end_turn",
    usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
  });

const streamed = () =>
  new Response(
    Buffer.concat([
      converseEvent("messageStart", { role: "assistant" }),
      converseEvent("contentBlockDelta", { contentBlockIndex: 0, delta: { text: "Hello." } }),
      converseEvent("contentBlockStop", { contentBlockIndex: 0 }),
      converseEvent("messageStop", { stopReason: "end_turn" }),
      converseEvent("metadata", { usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 } }),
    ]),
    { headers: { "content-type": "application/vnd.amazon.eventstream" } },
  );

/** When the request was sent, as its own header says. */
function sentAt(headers: Readonly<Record<string, string>>): number {
  return Date.parse(headers["x-amz-date"]!.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

describe("bedrock", () => {
  test("is asked with an API key as a Bearer, at its region, the model in the path", async () => {
    const { request, text } = await reach(BEDROCK, MODEL, "bedrock-api-key-x", whole());
    expect(request.url).toBe(
      "https://bedrock-runtime.eu-west-1.amazonaws.com/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse",
    );
    expect(request.headers).toMatchObject({ authorization: "Bearer bedrock-api-key-x" });
    expect(request.headers).not.toHaveProperty("x-amz-date");
    expect(JSON.parse(Buffer.from(request.body!).toString())).toEqual({ messages: [{ role: "user", content: [{ text: "hi" }] }] });
    expect(JSON.parse(text)).toMatchObject({
      model: MODEL,
      id: expect.stringMatching(/^chatcmpl-./),
      choices: [{ message: { content: "Hello." } }],
    });
  });

  test.each([
    { claim: "an account's keys", secret: `${KEYS.accessKeyId}:${KEYS.secretAccessKey}`, token: undefined },
    { claim: "keys that are lent", secret: `${KEYS.accessKeyId}:${KEYS.secretAccessKey}:to:ken==`, token: "to:ken==" },
  ])("has each request signed with $claim: as it is sent, and streams", async ({ secret, token }) => {
    const { request, text, status } = await reach(BEDROCK, MODEL, secret, streamed(), true);
    expect(status).toBe(200);
    expect(text).toContain('"content":"Hello."');
    expect(text).toContain("data: [DONE]");
    const { method, url, body, headers } = request;
    expect(url).toEndWith("/converse-stream");
    expect(headers).toMatchObject({ accept: "application/vnd.amazon.eventstream" });
    const keys = { ...KEYS, ...(token !== undefined && { sessionToken: token }) };
    const scope = { region: "eu-west-1", service: "bedrock" };
    expect(headers).toMatchObject(
      signV4({ method, url, headers: { "content-type": "application/json" }, body }, keys, scope, sentAt(headers)),
    );
    expect(JSON.stringify(request.headers)).not.toContain(KEYS.secretAccessKey);
  });

  test.each([
    { baseUrl: "https://vpce-1.bedrock-runtime.us-west-2.vpce.amazonaws.com", region: "us-west-2" },
    { baseUrl: "http://localhost:9", region: "us-east-1" },
  ])("takes the region from $baseUrl where the operator names none", async ({ baseUrl, region }) => {
    const { settings: _, ...rest } = BEDROCK;
    const { request } = await reach({ ...rest, baseUrl }, MODEL, `${KEYS.accessKeyId}:${KEYS.secretAccessKey}`, whole());
    expect(request.headers["authorization"]).toContain(`/${region}/bedrock/aws4_request`);
  });
});
