import { describe, expect, test } from "bun:test";
import { OmniError } from "../../../src/ir/failure.ts";
import { openaiChat } from "../../../src/wire/openai-chat/index.ts";

const upstream = openaiChat.upstream({});
const downstream = openaiChat.downstream!;

function refusal(status: number, body: string, headers: Record<string, string> = {}): OmniError {
  return upstream.decodeRefusal(status, { get: (name) => headers[name] ?? null }, Buffer.from(body), 0);
}

const openai = (code: string | null, message = "No.", type = "invalid_request_error") =>
  JSON.stringify({ error: { message, type, param: "x", code } });

describe("decodeRefusal", () => {
  test.each([
    [401, openai("invalid_api_key"), "upstream_auth", 502],
    [403, openai("unsupported_country"), "upstream_auth", 502],
    [403, openai("insufficient_quota"), "rate_limited", 429],
    [400, openai("insufficient_quota"), "rate_limited", 429],
    [400, '{"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***."}', "upstream_auth", 502],
    [402, "", "upstream_auth", 502],
    [404, openai("model_not_found"), "upstream_model_unknown", 404],
    [404, '{"error":{"message":"model \\"x\\" not found, try pulling it first"}}', "upstream_model_unknown", 404],
    [400, '{"error":{"message":"x/y is not a valid model ID","code":400}}', "upstream_model_unknown", 404],
    [404, '{"error":{"code":"404","message":"Resource not found"}}', "upstream_rejected", 404],
    [408, "", "upstream_timeout", 504],
    [429, "", "rate_limited", 429],
    [429, openai("insufficient_quota"), "rate_limited", 429],
    [500, openai(null), "upstream_failed", 500],
    [504, "<html>", "upstream_failed", 504],
    [503, "", "upstream_overloaded", 503],
    [529, "", "upstream_overloaded", 503],
    [302, "", "upstream_invalid", 502],
    [400, openai("context_length_exceeded"), "context_length_exceeded", 400],
    [413, "<html>too large</html>", "upstream_rejected", 413],
    [422, '{"detail":[{"loc":["body"],"msg":"bad"}]}', "upstream_rejected", 422],
  ] as const)("takes %i %s for %s", (status, body, kind, clientStatus) => {
    const failure = refusal(status, body);
    expect(failure.kind).toBe(kind);
    expect(failure.status).toBe(clientStatus);
  });

  test("carries the provider's body only if it is about the request, and an error that clients know", () => {
    expect(Buffer.from(refusal(400, openai("bad")).body!).toString()).toBe(openai("bad"));
    for (const other of [
      refusal(400, "<html>secret</html>"),
      refusal(422, '{"detail":"x"}'),
      refusal(401, openai("x")),
      refusal(500, openai("x")),
      refusal(429, openai("x")),
    ]) {
      expect(other.body).toBeUndefined();
    }
  });

  test("keeps the words of a fault of the request, and shows no others", () => {
    expect(refusal(400, openai("bad", "prompt is too long"))).toMatchObject({ message: "prompt is too long", param: "x" });
    for (const [status, body] of [
      [401, openai("x", "key sk-123")],
      [500, openai("x", "key sk-123")],
      [400, "<html>key sk-123"],
    ] as const) {
      const failure = refusal(status, body);
      expect(Buffer.from(downstream.encodeError(failure, "id")).toString()).not.toContain("sk-123");
    }
  });

  test("tells how long to wait", () => {
    expect(refusal(429, "", { "retry-after": "7" }).retryAfterMs).toBe(7000);
    expect(refusal(503, "", { "retry-after-ms": "70" }).retryAfterMs).toBe(70);
    expect(refusal(429, "").retryAfterMs).toBeUndefined();
  });
});

describe("encodeError", () => {
  test("writes OpenAI's envelope, with the kind as code", () => {
    const error = new OmniError("invalid_model", "No such model.", { param: "model" });
    const envelope = {
      error: { message: "No such model.", type: "invalid_request_error", param: "model", code: "invalid_model", request_id: "r1" },
    };
    expect(JSON.parse(Buffer.from(downstream.encodeError(error, "r1")).toString())).toEqual(envelope);
    expect(Buffer.from(downstream.encodeErrorEvent(error, "r1")).toString()).toBe(`data: ${JSON.stringify(envelope)}\n\n`);
  });

  test("lets a provider's own error go as it is", () => {
    const body = Buffer.from('{"error":{"message":"a"}}');
    const error = new OmniError("upstream_rejected", "a", { body });
    expect(downstream.encodeError(error, "r1")).toBe(body);
    expect(Buffer.from(downstream.encodeErrorEvent(error, "r1")).toString()).toBe(`data: ${body}\n\n`);
    const spread = new OmniError("upstream_rejected", "a", { body: Buffer.from('{"error":\r\n{"message":"a"}\n}\n') });
    expect(Buffer.from(downstream.encodeErrorEvent(spread, "r1")).toString()).toBe('data: {"error":\ndata: {"message":"a"}\ndata: }\n\n');
  });
});

describe("inspectAnswer", () => {
  test.each([
    ["nothing", "application/json", "", "upstream_invalid"],
    ["text", "application/json", "busy", "upstream_invalid"],
    ["a web page", "text/html; charset=utf-8", '{"choices":[{}]}', "upstream_invalid"],
    ["no choices", "application/json", '{"id":"x"}', "upstream_invalid"],
    ["empty choices", "application/json", '{"choices":[]}', "upstream_invalid"],
    ["null for choices", "application/json", '{"choices":null}', "upstream_invalid"],
    ["a limit", null, '{"error":{"message":"slow down","code":429}}', "rate_limited"],
    ["a limit by name", null, '{"error":{"message":"slow down","type":"rate_limit_error"}}', "rate_limited"],
    ["a wrong key", null, '{"error":{"code":"invalid_api_key"},"choices":[{}]}', "upstream_auth"],
    ["overload", null, '{"error":{"type":"overloaded_error"}}', "upstream_overloaded"],
    ["a text for an error", null, '{"error":"went wrong"}', "upstream_failed"],
    ["an error within a choice", null, '{"choices":[{"error":{"code":502,"message":"x"},"finish_reason":"error"}]}', "upstream_failed"],
  ] as const)("refuses %s in a 200", (_, type, body, kind) => {
    expect(() => upstream.inspectAnswer(type, Buffer.from(body))).toThrow(expect.objectContaining({ kind }));
  });

  test("takes an answer with no error in its error, and counts every token once", () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 8,
      total_tokens: 18,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 5 },
    };
    const body = Buffer.from(JSON.stringify({ choices: [{ message: {} }], error: null, usage }));
    expect(upstream.inspectAnswer("application/json", body)).toMatchObject({
      inputTokens: 6,
      inputTokensCached: 4,
      outputTokens: 3,
      reasoningTokens: 5,
    });
    expect(upstream.inspectAnswer(null, Buffer.from('{"choices":[{}],"usage":{"prompt_tokens":"many"}}'))).toBeUndefined();
  });
});
