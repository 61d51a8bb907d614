import { describe, expect, test } from "bun:test";
import { openaiChat } from "../../../src/wire/openai-chat/index.ts";
import type { StreamReader } from "../../../src/wire/wire.ts";

const chunk = (delta: object, finish: string | null = null, index = 0) =>
  `data: ${JSON.stringify({ choices: [{ index, delta, finish_reason: finish }] })}\n\n`;
const DONE = "data: [DONE]\n\n";
const ROLE = chunk({ role: "assistant", content: "", refusal: null });
const TEXT = chunk({ content: "x" });
const STOP = chunk({}, "stop");

function open(doneRequired = false): StreamReader {
  return openaiChat.upstream({ doneRequired }).openStream();
}

function run(text: string, reader = open()): { out: string; kind: string | undefined; reader: StreamReader } {
  const out = Buffer.concat([Buffer.from(reader.push(Buffer.from(text))), reader.end()]).toString();
  return { out, kind: reader.failure?.kind, reader };
}

describe("a stream of chat completion chunks", () => {
  test.each([
    ["text", chunk({ content: "a" })],
    ["a list of parts", chunk({ content: [{ type: "thinking" }] })],
    ["a refusal", chunk({ refusal: "no" })],
    ["reasoning", chunk({ reasoning: "hm" })],
    ["reasoning under its other name", chunk({ content: null, reasoning_content: "hm" })],
    ["a tool call", chunk({ tool_calls: [{ index: 0 }] })],
    ["a function call", chunk({ function_call: { name: "f" } })],
    ["sound", chunk({ audio: { data: "" } })],
    ["an end", chunk({}, "stop")],
    ["text of the second choice", chunk({ content: "a" }, null, 1)],
  ])("is committed by %s", (_, event) => {
    const reader = open();
    reader.push(Buffer.from(ROLE));
    expect(reader.committed).toBeFalse();
    reader.push(Buffer.from(event));
    expect(reader.committed).toBeTrue();
  });

  test.each([
    ["a role", ROLE],
    ["a comment", ": PROCESSING\n\n"],
    ["no choices", 'data: {"choices":[],"prompt_filter_results":[]}\n\n'],
    ["empty lists", chunk({ tool_calls: [], annotations: [], reasoning: null })],
    ["an empty finish reason", chunk({}, "")],
    ["empty data", "data:\n\n"],
  ])("is not committed by %s", (_, event) => {
    const reader = open();
    expect(Buffer.from(reader.push(Buffer.from(event))).toString()).toBe(event);
    expect(reader.committed).toBeFalse();
  });

  test.each([
    ["with both ends", TEXT + STOP + DONE, undefined],
    ["without [DONE]", TEXT + STOP, undefined],
    ["without a finish reason", TEXT + DONE, "upstream_truncated"],
    ["without any end", TEXT, "upstream_truncated"],
    ["without anything", "", "upstream_truncated"],
    ["with one of two choices finished", TEXT + chunk({ content: "y" }, null, 1) + STOP + DONE, "upstream_truncated"],
    ["with both choices finished", TEXT + chunk({ content: "y" }, "stop", 1) + STOP + DONE, undefined],
    ["with more after its finish", TEXT + STOP + chunk({ content: "" }) + DONE, undefined],
    ["with an empty finish reason and [DONE]", TEXT + chunk({}, "") + DONE, undefined],
    ["with an empty finish reason alone", TEXT + chunk({}, ""), "upstream_truncated"],
    ["with half an event at its end", TEXT + STOP + TEXT.slice(0, -9), "upstream_truncated"],
    ["with half a field at its end", `${TEXT}${STOP}da`, "upstream_truncated"],
    ["with half a comment at its end", `${TEXT}${STOP}: by`, undefined],
    ["with a finish reason that only the model speaks of", chunk({ content: '"finish_reason":"stop"' }) + DONE, "upstream_truncated"],
  ])("%s: $2", (_, text, kind) => {
    expect(run(text).kind).toBe(kind as string);
  });

  test("needs [DONE] where the dialect says so", () => {
    expect(run(TEXT + STOP, open(true)).kind).toBe("upstream_truncated");
    expect(run(TEXT + STOP + DONE, open(true)).kind).toBeUndefined();
  });

  test("never hands on a [DONE] that ends nothing", () => {
    expect(run(TEXT + DONE).out).toBe(TEXT);
  });

  test("ignores what follows [DONE]", () => {
    expect(run(`${TEXT}${STOP}${DONE}data: {"error":{}}\n\n`)).toMatchObject({ out: TEXT + STOP + DONE, kind: undefined });
  });

  test("gives a last event its blank line", () => {
    expect(run(TEXT + STOP.trimEnd()).out).toBe(TEXT + STOP);
    expect(run(`${TEXT}${STOP}data: [DONE]`)).toMatchObject({ out: TEXT + STOP + DONE, kind: undefined });
  });

  test.each([
    ["an object", 'data: {"error":{"message":"m","code":429}}\n\n', "rate_limited", true],
    ["a text", 'data: {"error":"m"}\n\n', "upstream_failed", true],
    ["beside choices", 'data: {"choices":[{"index":0,"delta":{}}],"error":{"code":400,"message":"m"}}\n\n', "upstream_rejected", true],
    ["within a choice", 'data: {"choices":[{"index":0,"error":{"code":502,"message":"m"}}]}\n\n', "upstream_failed", true],
    ["by the event's name", 'event: error\ndata: {"error":{"message":"m","status_code":400}}\n\n', "upstream_rejected", true],
    ["by the event's name, as text", "event: error\ndata: went wrong\n\n", "upstream_failed", false],
    ["about our key", 'data: {"error":{"code":"invalid_api_key"}}\n\n', "upstream_auth", false],
  ])("fails by an error as %s, after what came before", (_, event, kind, carried) => {
    for (const before of ["", TEXT]) {
      const { out, kind: found, reader } = run(before + event + STOP + DONE);
      expect({ out, found, carried: reader.failure?.body !== undefined, committed: reader.committed }).toEqual({
        out: before,
        found: kind,
        carried,
        committed: before !== "",
      });
    }
  });

  test("carries the error event's data as they were", () => {
    const { reader } = run('event: error\ndata: {"error": {"message":"m"} }\n\n');
    expect(Buffer.from(reader.failure!.body!).toString()).toBe('{"error": {"message":"m"} }');
  });

  test("is not fooled by errors that are none", () => {
    const quiet = 'data: {"error":null,"choices":[{"index":0,"delta":{"content":"\\"error\\":{}"},"x":{"error":"y"}}]}\n\n';
    expect(run(quiet + STOP).kind).toBeUndefined();
  });

  test.each([TEXT, ""])("fails by an event that is no JSON, after %j", (before) => {
    expect(run(`${before}data: {"choices":[{"ind\n\n${STOP}`)).toMatchObject({ out: before, kind: "upstream_invalid" });
  });

  test.each([
    ["an answer", '{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}', "upstream_invalid"],
    ["an error", ' {"error":{"message":"slow down","code":429}}', "rate_limited"],
    ["a web page", "\n<!doctype html>", "upstream_invalid"],
  ])("is no stream if %s comes", (_, text, kind) => {
    expect(run(text)).toMatchObject({ out: "", kind });
  });

  test("tells the latest usage", () => {
    const usage = (count: number) => `data: {"choices":[],"usage":{"prompt_tokens":${count},"completion_tokens":2}}\n\n`;
    const { reader } = run(`${TEXT}${usage(5)}${STOP}${usage(7)}data: {"choices":[],"usage":null}\n\n${DONE}`);
    expect(reader.usage).toMatchObject({ inputTokens: 7, outputTokens: 2 });
  });

  test("is not committed by content that was held back when the stream broke off", () => {
    expect(run(ROLE + TEXT.trimEnd())).toMatchObject({ out: ROLE, kind: "upstream_truncated", reader: { committed: false } });
  });

  test("hands on the chunk itself", () => {
    const reader = open();
    const bytes = Buffer.from(ROLE + TEXT);
    expect(reader.push(bytes)).toBe(bytes);
  });
});
