import { describe, expect, test } from "bun:test";
import { type FailureKind, OmniError } from "../../../src/ir/failure.ts";
import { anthropicMessages } from "../../../src/wire/anthropic-messages/index.ts";

const downstream = anthropicMessages.downstream!;
const upstream = anthropicMessages.upstream({});
const refusal = (status: number, body: unknown, headers: Record<string, string> = {}): OmniError =>
  upstream.decodeRefusal(status, { get: (name) => headers[name] ?? null }, Buffer.from(JSON.stringify(body)), Date.UTC(2026, 0, 1));

describe("an error towards a client", () => {
  test.each([
    ["malformed_json", 400, "invalid_request_error"],
    ["invalid_model", 400, "invalid_request_error"],
    ["invalid_api_key", 401, "authentication_error"],
    ["forbidden", 403, "permission_error"],
    ["not_found", 404, "not_found_error"],
    ["upstream_model_unknown", 404, "not_found_error"],
    ["request_too_large", 413, "request_too_large"],
    ["rate_limited", 429, "rate_limit_error"],
    ["internal_error", 500, "api_error"],
    ["upstream_auth", 502, "api_error"],
    ["deadline_exceeded", 504, "timeout_error"],
    ["upstream_timeout", 504, "timeout_error"],
    ["upstream_overloaded", 529, "overloaded_error"],
    ["overloaded", 529, "overloaded_error"],
  ] as [FailureKind, number, string][])("%s is a %i of type %s", (kind, status, type) => {
    const error = new OmniError(kind, "No.");
    expect(JSON.parse(Buffer.from(downstream.encodeError(error, "r")).toString())).toEqual({
      type: "error",
      error: { type, message: "No." },
      request_id: "r",
    });
    expect(downstream.statusOf?.(error)).toBe(status);
  });

  test("is told in the provider's own words where they are the client's business", () => {
    const body = { type: "error", error: { type: "invalid_request_error", message: "prompt is too long: 9 tokens > 8 maximum" } };
    const error = refusal(400, body);
    expect([error.kind, downstream.statusOf?.(error)]).toEqual(["context_length_exceeded", 400]);
    expect(JSON.parse(Buffer.from(downstream.encodeError(error, "r")).toString())).toEqual(body);
  });

  test("in a stream marks each line of a provider's words as data", () => {
    const error = new OmniError("rate_limited", "m", { body: Buffer.from('{"type":"error",\n"error":{}}') });
    expect(Buffer.from(downstream.encodeErrorEvent(error, "r")).toString()).toBe(
      'event: error\ndata: {"type":"error",\ndata: "error":{}}\n\n',
    );
  });
});

describe("a refusal", () => {
  const said = (type: string, message = "m") => ({ type: "error", error: { type, message } });
  test.each([
    [529, said("overloaded_error"), "upstream_overloaded"],
    [429, said("rate_limit_error"), "rate_limited"],
    [500, said("api_error"), "upstream_failed"],
    [504, said("timeout_error"), "upstream_failed"],
    [401, said("authentication_error"), "upstream_auth"],
    [402, said("billing_error"), "upstream_auth"],
    [403, said("permission_error"), "upstream_auth"],
    [400, said("invalid_request_error", "Your credit balance is too low to access the Anthropic API."), "upstream_auth"],
    [404, said("not_found_error", "model: claude-none"), "upstream_model_unknown"],
    [413, said("request_too_large"), "upstream_rejected"],
    [400, said("invalid_request_error"), "upstream_rejected"],
  ] as [number, object, FailureKind][])("%i %j is %s", (status, body, kind) => {
    expect(refusal(status, body).kind).toBe(kind);
  });

  test("says when to come back, by whichever header tells", () => {
    const limited = said("rate_limit_error");
    expect(refusal(429, limited, { "retry-after": "7" }).retryAfterMs).toBe(7000);
    const reset = { "anthropic-ratelimit-output-tokens-remaining": "0", "anthropic-ratelimit-output-tokens-reset": "2026-01-01T00:00:09Z" };
    expect(refusal(429, limited, reset).retryAfterMs).toBe(9000);
  });
});

describe("headers", () => {
  test("of the client's credential never go on", () => {
    for (const name of ["x-api-key", "authorization", "cookie"]) expect(upstream.requestHeaders).not.toContain(name);
    for (const name of ["anthropic-version", "anthropic-beta"]) expect(upstream.requestHeaders).toContain(name);
  });
});

describe("a whole answer", () => {
  test.each([
    ["an error", '{"type":"error","error":{"type":"overloaded_error","message":"m"}}', "upstream_overloaded"],
    ["no content", '{"type":"message"}', "upstream_invalid"],
    ["content that is none", '{"content":"x"}', "upstream_invalid"],
    ["nothing", "", "upstream_invalid"],
    ["half of it", '{"content":[', "upstream_invalid"],
  ])("is hollow if it is %s", (_, body, kind) => {
    expect(() => upstream.inspectAnswer("application/json", Buffer.from(body))).toThrow(expect.objectContaining({ kind }));
  });

  test("is none if it is a web page", () => {
    expect(() => upstream.inspectAnswer("text/html", Buffer.from('{"content":[]}'))).toThrow("web page");
  });

  test("without blocks is an answer: the model had nothing to add", () => {
    const usage = { input_tokens: 1, output_tokens: 2 };
    expect(upstream.inspectAnswer(null, Buffer.from(JSON.stringify({ content: [], usage })))).toMatchObject({ outputTokens: 2 });
  });
});

test("the tier that answered has each vendor's own name", () => {
  const { decodeResponse } = upstream.chat!;
  const message = {
    id: "msg_1",
    type: "message",
    model: "m",
    content: [],
    stop_reason: "end_turn",
    usage: { input_tokens: 1, output_tokens: 1, service_tier: "standard" },
  };
  const response = decodeResponse(message);
  expect(response.serviceTier).toBe("default");
  expect(downstream.chat!.encodeResponse(response).json).toMatchObject({ usage: { service_tier: "standard" } });
});
