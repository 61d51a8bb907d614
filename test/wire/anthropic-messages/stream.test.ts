import { describe, expect, test } from "bun:test";
import { anthropicMessages } from "../../../src/wire/anthropic-messages/index.ts";
import type { StreamReader } from "../../../src/wire/wire.ts";

const event = (type: string, fields: object = {}): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const START = event("message_start", {
  message: { id: "msg_1", content: [], usage: { input_tokens: 7, cache_read_input_tokens: 3, output_tokens: 1 } },
});
const BLOCK = event("content_block_start", { index: 0, content_block: { type: "text", text: "" } });
const delta = (fields: object): string => event("content_block_delta", { index: 0, delta: fields });
const TEXT = delta({ type: "text_delta", text: "x" });
const BLOCK_END = event("content_block_stop", { index: 0 });
const END = event("message_delta", { delta: { stop_reason: "end_turn" }, usage: { output_tokens: 5 } });
const STOP = event("message_stop");
const WHOLE = START + BLOCK + TEXT + BLOCK_END + END + STOP;

const open = (): StreamReader => anthropicMessages.upstream({}).openStream();

function run(text: string, reader = open()): { out: string; kind: string | undefined; reader: StreamReader } {
  const out = Buffer.concat([Buffer.from(reader.push(Buffer.from(text))), reader.end()]).toString();
  return { out, kind: reader.failure?.kind, reader };
}

describe("a stream of a message", () => {
  test.each([
    ["text", BLOCK + TEXT],
    ["text in the opening of its block", event("content_block_start", { index: 0, content_block: { type: "text", text: "a" } })],
    ["thinking", delta({ type: "thinking_delta", thinking: "hm" })],
    ["a signature", delta({ type: "signature_delta", signature: "s" })],
    ["a citation", delta({ type: "citations_delta", citation: {} })],
    ["a call", event("content_block_start", { index: 0, content_block: { type: "tool_use", id: "t", name: "f", input: {} } })],
    ["thinking that is withheld", event("content_block_start", { index: 0, content_block: { type: "redacted_thinking", data: "d" } })],
    ["a kind of block that is not known yet", event("content_block_start", { index: 0, content_block: { type: "novel" } })],
    ["its end", END],
  ])("is committed by %s", (_, text) => {
    const reader = open();
    reader.push(Buffer.from(START + BLOCK));
    expect(reader.committed).toBeFalse();
    reader.push(Buffer.from(text));
    expect(reader.committed).toBeTrue();
  });

  test("is committed by content that stands in its first event", () => {
    const reader = open();
    reader.push(Buffer.from(event("message_start", { message: { content: [{ type: "text", text: "a" }] } })));
    expect(reader.committed).toBeTrue();
  });

  test.each([
    ["a ping", event("ping")],
    ["a comment", ": PROCESSING\n\n"],
    ["an empty text", BLOCK + delta({ type: "text_delta", text: "" })],
    [
      "an empty block of thinking",
      event("content_block_start", { index: 0, content_block: { type: "thinking", thinking: "", signature: "" } }),
    ],
    ["an event that is not known yet", event("novel", { text: "x" })],
  ])("is not committed by %s", (_, text) => {
    const reader = open();
    reader.push(Buffer.from(START));
    expect(Buffer.from(reader.push(Buffer.from(text))).toString()).toBe(text);
    expect(reader.committed).toBeFalse();
  });

  test.each([
    ["whole", WHOLE, undefined],
    ["without message_stop", WHOLE.replace(STOP, ""), "upstream_truncated"],
    ["without anything", "", "upstream_truncated"],
    ["with half an event at its end", WHOLE.slice(0, -20), "upstream_truncated"],
    ["with a last event that lacks its blank line", WHOLE.trimEnd(), undefined],
    ["with an end that only the model speaks of", START + BLOCK + delta({ type: "text_delta", text: STOP }), "upstream_truncated"],
    ["with an end in another place", START + event("novel", { x: { type: "message_stop" } }), "upstream_truncated"],
    ["that begins twice", START + BLOCK + TEXT + START, "upstream_invalid"],
    ["that ends before it began", STOP, "upstream_invalid"],
    ["with a block before its beginning", BLOCK + WHOLE, "upstream_invalid"],
    ["with an event that is no JSON", `${START}event: ping\ndata: {"type\n\n${STOP}`, "upstream_invalid"],
  ])("%s: $2", (_, text, kind) => {
    expect(run(text).kind).toBe(kind as string);
  });

  test("passes whole, and nothing but `[DONE]` that follows", () => {
    expect(run(`${WHOLE}data: [DONE]\n\n`).out).toBe(`${WHOLE}data: [DONE]\n\n`);
    expect(run(WHOLE + START + BLOCK)).toMatchObject({ out: WHOLE, kind: undefined });
    expect(run(`${WHOLE}event: error\ndata: {"type":"error","error":{}}\n\n`)).toMatchObject({ out: WHOLE, kind: undefined });
  });

  test("is whole whatever breaks off after its end", () => {
    for (const scrap of ["da", "data: {", ": by", "data: [DONE]"])
      expect(run(WHOLE + scrap)).toMatchObject({ out: WHOLE, kind: undefined });
  });

  test("is not committed by content that is held back, since nothing says whether it is whole", () => {
    const { out, kind, reader } = run((START + BLOCK + TEXT).trimEnd());
    expect([out, kind, reader.committed]).toEqual([START + BLOCK, "upstream_truncated", false]);
  });

  test("hands on the chunk itself", () => {
    const bytes = Buffer.from(START + BLOCK + TEXT);
    expect(open().push(bytes)).toBe(bytes);
  });

  test.each([
    ["overloaded_error", "upstream_overloaded", true],
    ["rate_limit_error", "rate_limited", true],
    ["api_error", "upstream_failed", true],
    ["invalid_request_error", "upstream_rejected", true],
    ["request_too_large", "upstream_rejected", true],
    ["timeout_error", "upstream_timeout", true],
    ["authentication_error", "upstream_auth", false],
    ["permission_error", "upstream_auth", false],
  ])("fails by %s as %s, after what came before", (type, kind, carried) => {
    const error = { type: "error", error: { type, message: "No." }, request_id: "req_1" };
    for (const before of ["", START + BLOCK + TEXT]) {
      const { out, kind: found, reader } = run(`${before}event: error\ndata: ${JSON.stringify(error)}\n\n${STOP}`);
      expect({ out, found }).toEqual({ out: before, found: kind });
      const told = Buffer.from(reader.encodeFailure(reader.failure!, "r")).toString();
      expect(told).toStartWith("event: error\ndata: ");
      // In the provider's own words, unless they are about our credential.
      const said = JSON.parse(told.slice(told.indexOf("{")));
      if (carried) expect(said).toEqual(error);
      else expect(said).toMatchObject({ type: "error", error: { type: "api_error" }, request_id: "r" });
    }
  });

  test("fails by an error that only its data tell", () => {
    expect(run('data: {"type":"error","error":{"type":"overloaded_error","message":"m"}}\n\n').kind).toBe("upstream_overloaded");
  });

  test.each([
    ["an answer", '{"type":"message","content":[{"type":"text","text":"x"}]}', "upstream_invalid"],
    ["an error", ' {"type":"error","error":{"type":"overloaded_error","message":"m"}}', "upstream_overloaded"],
    ["a web page", "\n<!doctype html>", "upstream_invalid"],
  ])("is no stream if %s comes", (_, text, kind) => {
    expect(run(text)).toMatchObject({ out: "", kind });
  });

  test("counts what it used once: the last word wins, and what it does not repeat still stands", () => {
    expect(run(WHOLE).reader.usage).toEqual({ inputTokens: 7, inputTokensCached: 3, outputTokens: 5, reasoningTokens: 0 });
    const again = event("message_delta", {
      delta: {},
      usage: { input_tokens: 9, output_tokens: 6, output_tokens_details: { thinking_tokens: 2 } },
    });
    expect(run(START + END + again + STOP).reader.usage).toEqual({
      inputTokens: 9,
      inputTokensCached: 3,
      outputTokens: 4,
      reasoningTokens: 2,
    });
    expect(run(START.replace('"usage":{', '"usage":{"input_tokens":"many","x":{') + STOP).reader.usage).toBeUndefined();
  });
});
