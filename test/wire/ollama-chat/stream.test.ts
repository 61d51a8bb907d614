import { describe, expect, test } from "bun:test";
import { OmniError } from "../../../src/ir/failure.ts";
import { ollamaChat } from "../../../src/wire/ollama-chat/index.ts";

const open = () => ollamaChat.upstream({}).openStream();
const line = (message: object, more: object = { done: false }): string => `${JSON.stringify({ model: "m", message, ...more })}\n`;
const TEXT = line({ content: "x" });
const DONE = line({ content: "" }, { done: true, prompt_eval_count: 3, eval_count: 4 });

function run(text: string, reader = open()) {
  const out = Buffer.concat([reader.push(Buffer.from(text)), reader.end()]).toString();
  return { out, kind: reader.failure?.kind, committed: reader.committed, usage: reader.usage };
}

describe("a stream that goes by verbatim", () => {
  test.each([
    ["with its end", TEXT + DONE, TEXT + DONE, undefined],
    ["with an end that lacks its line end", TEXT + DONE.trimEnd(), TEXT + DONE, undefined],
    ["with more behind its end", TEXT + DONE + DONE + TEXT, TEXT + DONE, undefined],
    ["without its end", TEXT, TEXT, "upstream_truncated"],
    ["without anything", "", "", "upstream_truncated"],
    ["with half an end", TEXT + DONE.slice(0, -9), TEXT, "upstream_truncated"],
    ["with an end that only the model speaks of", line({ content: '"done":true' }), line({ content: '"done":true' }), "upstream_truncated"],
    ["with a line that is no JSON", `${TEXT}{\n${DONE}`, TEXT, "upstream_invalid"],
    ["with a web page", "<html>\n</html>", "", "upstream_invalid"],
    ["with an error", `${TEXT}{"error":"boom"}\n${DONE}`, TEXT, "upstream_failed"],
    ["with an error that is none", `${TEXT}{"error":"","message":{}}\n${DONE}`, `${TEXT}{"error":"","message":{}}\n${DONE}`, undefined],
  ])("%s", (_, text, out, kind) => {
    expect(run(text)).toMatchObject({ out, kind });
  });

  test("is the same wherever it is cut", () => {
    const bytes = Buffer.from(`${TEXT}\n${line({ thinking: "é" })}${DONE}`);
    const whole = run(bytes.toString());
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = open();
      const out = Buffer.concat([reader.push(bytes.subarray(0, cut)), reader.push(bytes.subarray(cut)), reader.end()]).toString();
      expect([cut, out, reader.usage]).toEqual([cut, whole.out, whole.usage]);
    }
  });

  test("has begun with words, thoughts, calls or its end, and not before", () => {
    for (const message of [{ content: "" }, { content: "", thinking: "" }, { content: "", tool_calls: [] }])
      expect(run(line(message)).committed).toBeFalse();
    for (const message of [{ content: "x" }, { content: "", thinking: "x" }, { content: "", tool_calls: [{}] }])
      expect(run(line(message)).committed).toBeTrue();
    expect(run(DONE).committed).toBeTrue();
  });

  test("says what it used with its end", () => {
    expect(run(TEXT + DONE).usage).toEqual({ inputTokens: 3, inputTokensCached: 0, outputTokens: 4, reasoningTokens: 0 });
    expect(run(TEXT).usage).toBeUndefined();
  });

  test("tells a failure in one line, whatever the provider's words look like", () => {
    const body = Buffer.from('{\n  "error": "boom"\n}\n');
    const failures = [new OmniError("upstream_failed", "It failed."), new OmniError("upstream_rejected", "It failed.", { body })];
    for (const failure of failures) {
      const text = Buffer.from(open().encodeFailure(failure, "id")).toString();
      expect(text).toBe('{"error":"It failed."}\n');
    }
  });
});

describe("the head of a request", () => {
  const streams = (body: string): boolean => ollamaChat.downstream!.readHead(Buffer.from(body), "", "").stream;

  test.each([
    ['{"model":"m"}', true],
    ['{"model":"m","stream":null}', true],
    ['{"model":"m","stream":true}', true],
    ['{"model":"m","stream":false}', false],
  ])("%s streams: %p", (body, stream) => {
    expect(streams(body)).toBe(stream);
  });

  test.each(['{"model":"m","stream":"yes"}', '{"model":""}', "{}", "["])("refuses %s", (body) => {
    expect(() => streams(body)).toThrow(OmniError);
  });
});
