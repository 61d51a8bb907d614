import { describe, expect, test } from "bun:test";
import { generateKeyPairSync, verify } from "node:crypto";
import { google } from "../../../src/providers/google-auth.ts";
import { anthropicMessages } from "../../../src/wire/anthropic-messages/index.ts";
import { type Bridge, bridgeOf } from "../../../src/wire/bridge.ts";
import { ClientRequest } from "../../../src/wire/client-request.ts";
import { countBridge } from "../../../src/wire/count-tokens.ts";
import { openaiChat } from "../../../src/wire/openai-chat/index.ts";
import type { StreamReader, Wire } from "../../../src/wire/wire.ts";
import { exchangesOf, type RecordedExchange, recordings, responseBytes } from "../../support/recordings.ts";
import { awsMessage } from "../bedrock-converse/frames.ts";

const MODEL = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
const half = (host: "bedrock" | "vertex") => anthropicMessages.upstream({ host });

function cross(
  host: "bedrock" | "vertex",
  text: string,
  betas?: string,
  wire: Wire = anthropicMessages,
  wrap = (bridge: Bridge): Bridge => bridge,
) {
  const body = Buffer.from(text);
  const bridge = wrap(bridgeOf(wire, anthropicMessages, half(host))!);
  const headers = new Headers(betas === undefined ? {} : { "anthropic-beta": betas });
  const request = new ClientRequest(body, wire.downstream!.readHead(body, "", ""));
  return bridge.cross(
    request,
    { model: MODEL, modelJson: Buffer.from(JSON.stringify(MODEL)) },
    { requestId: "r", nowS: 0, clientHeaders: headers },
  );
}
const sent = (...args: Parameters<typeof cross>): string => Buffer.from(cross(...args).body).toString();

describe("a request for a cloud that runs Anthropic's models", () => {
  test.each([
    [
      "bedrock",
      '{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"\\u00e9"}]}',
      "/invoke-with-response-stream",
    ],
    [
      "vertex",
      '{"anthropic_version":"vertex-2023-10-16","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"\\u00e9"}]}',
      ":streamRawPredict",
    ],
  ] as const)("says the model in the path and the version in the body, all else byte for byte: %s", (host, wanted, path) => {
    expect(sent(host, '{"model":"x", "stream": true, "max_tokens" : 9,"messages":[{"role":"user","content":"\\u00e9"}]}')).toBe(wanted);
    expect(half(host).path(MODEL, true)).toEndWith(`${encodeURIComponent(MODEL)}${path}`);
    expect(half(host).headers).toEqual({});
  });

  test("names only trial features that the cloud knows, where it wants them", () => {
    const betas = "claude-code-20250219, interleaved-thinking-2025-05-14,interleaved-thinking-2025-05-14";
    const body = '{"model":"x","max_tokens":9,"messages":[]}';
    expect(JSON.parse(sent("bedrock", body, betas))).toEqual({
      anthropic_version: "bedrock-2023-05-31",
      anthropic_beta: ["interleaved-thinking-2025-05-14"],
      max_tokens: 9,
      messages: [],
    });
    expect(JSON.parse(sent("vertex", body, betas))).not.toHaveProperty("anthropic_beta");
    expect(half("vertex").headerFor?.("anthropic-beta", betas)).toBe("interleaved-thinking-2025-05-14");
    expect(half("vertex").headerFor?.("anthropic-beta", "claude-code-20250219")).toBeUndefined();
  });

  test("leaves out, and says so, what Anthropic alone knows", () => {
    const crossing = cross("bedrock", '{"model":"x","max_tokens":9,"messages":[],"mcp_servers":[],"speed":"fast"}');
    expect(Buffer.from(crossing.body).toString()).toBe('{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[]}');
    expect(crossing.losses.map(({ what, weight }) => [what, weight])).toEqual([
      ["mcp_servers", "content"],
      ["speed", "setting"],
    ]);
  });

  test("is made of other formats as well", () => {
    const json = JSON.parse(
      sent("bedrock", '{"model":"x","stream":true,"messages":[{"role":"user","content":"hi"}]}', "no-beta", openaiChat),
    );
    expect(json).toMatchObject({ anthropic_version: "bedrock-2023-05-31", messages: [{ role: "user" }] });
    for (const name of ["model", "stream", "anthropic_beta"]) expect(json).not.toHaveProperty(name);
  });

  test.each(["bedrock", "vertex"] as const)("has its tokens counted: %s", (host) => {
    const { count } = half(host);
    const crossing = cross(host, '{"model":"x","messages":[]}', undefined, anthropicMessages, (bridge) => countBridge(bridge, count!));
    const json = JSON.parse(Buffer.from(crossing.body).toString());
    if (host === "vertex") expect(json).toEqual({ model: MODEL, anthropic_version: "vertex-2023-10-16", messages: [] });
    else
      expect(JSON.parse(Buffer.from(json.input.invokeModel.body, "base64").toString())).toEqual({
        anthropic_version: "bedrock-2023-05-31",
        messages: [],
        max_tokens: 1,
      });
    const answer = crossing.encodeAnswer("application/json", Buffer.from(`{"${count!.field}":11}`));
    expect(JSON.parse(Buffer.from(answer.body).toString())).toEqual({ input_tokens: 11 });
  });
});

function pass(reader: StreamReader, pieces: readonly Uint8Array[]) {
  const out = pieces.map((piece) => Buffer.from(reader.push(piece)));
  out.push(Buffer.from(reader.end()));
  return { text: Buffer.concat(out).toString(), failure: reader.failure?.kind, usage: reader.usage, committed: reader.committed };
}

const packed = (event: object): Buffer =>
  awsMessage(
    { ":event-type": "chunk", ":content-type": "application/json", ":message-type": "event" },
    JSON.stringify({ bytes: Buffer.from(JSON.stringify(event)).toString("base64"), p: "abc" }),
  );
const START = {
  type: "message_start",
  message: { id: "m", model: "m", role: "assistant", content: [], usage: { input_tokens: 3, output_tokens: 1 } },
};
const OPEN = { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } };
const DELTA = { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "é" } };
const STOP = { type: "message_stop" };

const recorded = recordings({ provider: "bedrock", api: "invoke" }).flatMap((row) =>
  exchangesOf(row)
    .filter(
      (exchange: RecordedExchange) => exchange.api === "invoke-with-response-stream" && /claude/.test(exchange.request.url_path ?? ""),
    )
    .map(({ response }, index) => ({ name: `${row.id} #${index}`, bytes: responseBytes(response) })),
);

describe("Bedrock's event stream", () => {
  test.each(recorded)("reaches clients of Messages as its own events, cut anywhere: $name", ({ bytes }) => {
    const whole = pass(half("bedrock").openStream(), [bytes]);
    expect(whole).toMatchObject({ failure: undefined, committed: true, usage: { inputTokens: expect.any(Number) } });
    expect(whole.text).toStartWith("event: message_start\ndata: {");
    expect(whole.text).toContain("event: message_stop\n");
    for (let cut = 0; cut < bytes.length; cut += 1 + Math.floor(bytes.length / 200)) {
      expect(pass(half("bedrock").openStream(), [bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(whole);
      if (cut < bytes.length * 0.9) expect(pass(half("bedrock").openStream(), [bytes.subarray(0, cut)]).failure).toBe("upstream_truncated");
    }
  });

  test.each(recorded)("reaches clients of another format: $name", ({ bytes }) => {
    const crossing = cross("bedrock", '{"model":"x","stream":true,"messages":[{"role":"user","content":"hi"}]}', undefined, openaiChat);
    const { text, failure } = pass(crossing.openStream(), [bytes]);
    expect(failure).toBeUndefined();
    expect(text).toEndWith("data: [DONE]\n\n");
    expect(text).toMatch(/"finish_reason":"(?:stop|tool_calls)"/);
  });

  test("there are recordings of it", () => expect(recorded.length).toBeGreaterThan(3));

  test.each([
    ["throttlingException", "rate_limited"],
    ["serviceUnavailableException", "upstream_overloaded"],
    ["validationException", "upstream_rejected"],
    ["modelStreamErrorException", "upstream_failed"],
  ])("%s in the place of an event is %s, after what came before", (name, kind) => {
    const exception = awsMessage(
      { ":exception-type": name, ":content-type": "application/json", ":message-type": "exception" },
      '{"message":"no"}',
    );
    const { text, failure } = pass(half("bedrock").openStream(), [
      Buffer.concat([packed(START), packed(OPEN), packed(DELTA), exception, packed(STOP)]),
    ]);
    expect(failure).toBe(kind as never);
    expect(text).toEndWith(`event: content_block_delta\ndata: ${JSON.stringify(DELTA)}\n\n`);
    const crossing = cross("bedrock", '{"model":"x","stream":true,"messages":[]}', undefined, openaiChat);
    expect(pass(crossing.openStream(), [Buffer.concat([packed(START), packed(OPEN), packed(DELTA), exception])]).failure).toBe(
      kind as never,
    );
  });

  test.each([
    ["a chunk without bytes", awsMessage({ ":event-type": "chunk", ":message-type": "event" }, "{}"), "upstream_invalid"],
    ["bytes that are no JSON", awsMessage({ ":event-type": "chunk", ":message-type": "event" }, '{"bytes":"AAAA"}'), "upstream_invalid"],
    ["no event stream at all", Buffer.from('{"message":"x"}                '), "upstream_invalid"],
  ])("%s is %s", (_, bytes, kind) => {
    expect(pass(half("bedrock").openStream(), [packed(START), bytes]).failure).toBe(kind as never);
  });

  test("its refusals are told in the client's words", () => {
    const headers = new Headers({ "x-amzn-errortype": "ThrottlingException:http://internal" });
    const failure = half("bedrock").decodeRefusal(429, headers, Buffer.from('{"message":"Too many requests"}'), 0);
    expect(failure).toMatchObject({ kind: "rate_limited", body: undefined });
  });
});

describe("Google's credentials", () => {
  test("an access token goes as it is", () => {
    expect(google.headers("ya29.token")).toEqual({ authorization: "Bearer ya29.token" });
    expect(google.sign?.({ method: "POST", url: "", headers: {} }, "ya29.token", 0, {})).toBeUndefined();
  });

  test("a service account's key signs tokens that last an hour, anew before they end", () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key = JSON.stringify({
      client_email: "a@example.com",
      private_key_id: "k",
      private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
    });
    expect(google.headers(key)).toEqual({});
    const at = (epochMs: number): string => google.sign!({ method: "POST", url: "", headers: {} }, key, epochMs, {})!["authorization"]!;
    const [, head, claims, signature] = /^Bearer ([^.]+)\.([^.]+)\.([^.]+)$/.exec(at(1_000_000))!;
    expect(verify("RSA-SHA256", Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature!, "base64url"))).toBeTrue();
    expect(JSON.parse(Buffer.from(claims!, "base64url").toString())).toMatchObject({
      iss: "a@example.com",
      sub: "a@example.com",
      iat: 1000,
      exp: 4600,
    });
    expect(at(2_000_000)).toBe(at(1_000_000));
    expect(at(4_001_000)).not.toBe(at(1_000_000));
    expect(at(1_000_000)).not.toContain("PRIVATE");
  });
});
