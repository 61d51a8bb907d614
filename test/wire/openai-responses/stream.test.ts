import { describe, expect, test } from "bun:test";
import { OmniError } from "../../../src/ir/failure.ts";
import { openaiResponses } from "../../../src/wire/openai-responses/index.ts";
import type { StreamReader } from "../../../src/wire/wire.ts";

/** Numbers events as the format does. */
function events(...list: readonly { readonly type: string; readonly [key: string]: unknown }[]): string {
  return list.map((fields, index) => `event: ${fields.type}\ndata: ${JSON.stringify({ ...fields, sequence_number: index })}\n\n`).join("");
}

const RESPONSE = { id: "resp_1", object: "response", model: "m", status: "in_progress", output: [] };
const CREATED = { type: "response.created", response: RESPONSE };
const GOES_ON = { type: "response.in_progress", response: RESPONSE };
const ITEM = { type: "response.output_item.added", output_index: 0, item: { id: "msg_1", type: "message", content: [] } };
const PART = { type: "response.content_part.added", part: { type: "output_text", text: "" } };
const TEXT = { type: "response.output_text.delta", delta: "x" };
const USAGE = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 3 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 2 },
};
const COMPLETED = { type: "response.completed", response: { ...RESPONSE, status: "completed", error: null, usage: USAGE } };
const WHOLE = events(CREATED, GOES_ON, ITEM, PART, TEXT, COMPLETED);

const open = (): StreamReader => openaiResponses.upstream({}).openStream();

function run(text: string, reader = open()): { out: string; kind: string | undefined; reader: StreamReader } {
  const out = Buffer.concat([Buffer.from(reader.push(Buffer.from(text))), reader.end()]).toString();
  return { out, kind: reader.failure?.kind, reader };
}

/** The events of a text, as objects. */
function read(text: string | Uint8Array): Record<string, unknown>[] {
  return [
    ...Buffer.from(text)
      .toString()
      .matchAll(/^event: (\S+)\ndata: (.*)$/gm),
  ].map(([, name, data]) => {
    const json = JSON.parse(data!);
    expect(json.type).toBe(name);
    return json;
  });
}

describe("a stream of a response", () => {
  test.each([
    ["text", TEXT],
    ["reasoning", { type: "response.reasoning_summary_text.delta", delta: "hm" }],
    ["a refusal", { type: "response.refusal.delta", delta: "No" }],
    ["a call", { type: "response.output_item.added", item: { type: "function_call" } }],
    ["a search", { type: "response.web_search_call.in_progress" }],
    ["an item that is done", { type: "response.output_item.done", item: { type: "reasoning" } }],
    ["its end", COMPLETED],
    ["an end before its time", { type: "response.incomplete", response: { ...RESPONSE, status: "incomplete" } }],
  ])("is committed by %s", (_, event) => {
    const reader = open();
    reader.push(Buffer.from(events(CREATED, GOES_ON, ITEM, PART)));
    expect(reader.committed).toBeFalse();
    reader.push(Buffer.from(events(event)));
    expect(reader.committed).toBeTrue();
  });

  test.each([
    ["the opening of reasoning", { type: "response.output_item.added", item: { type: "reasoning", summary: [] } }],
    ["the opening of a summary", { type: "response.reasoning_summary_part.added", part: { type: "summary_text", text: "" } }],
    ["an empty text", { type: "response.output_text.delta", delta: "" }],
    ["an event of another family", { type: "keepalive" }],
    ["waiting in line", { type: "response.queued", response: RESPONSE }],
  ])("is not committed by %s", (_, event) => {
    const reader = open();
    const text = events(event);
    expect(Buffer.from(reader.push(Buffer.from(text))).toString()).toBe(text);
    expect(reader.committed).toBeFalse();
  });

  test.each([
    ["whole", WHOLE, undefined],
    ["cut short by the provider, and said so", events(CREATED, { type: "response.incomplete", response: RESPONSE }), undefined],
    ["without its end", events(CREATED, GOES_ON, ITEM, PART, TEXT), "upstream_truncated"],
    ["without anything", "", "upstream_truncated"],
    ["with half an event at its end", WHOLE.slice(0, -9), "upstream_truncated"],
    ["with a last event that lacks its blank line", WHOLE.trimEnd(), undefined],
    ["with `[DONE]` alone at its end", `${events(CREATED, TEXT)}data: [DONE]\n\n`, "upstream_truncated"],
    ["with an end that only the model speaks of", events(CREATED, { ...TEXT, delta: events(COMPLETED) }), "upstream_truncated"],
    ["with an event that is no JSON", `${events(CREATED)}event: x\ndata: {"type\n\n`, "upstream_invalid"],
  ])("%s: $2", (_, text, kind) => {
    expect(run(text).kind).toBe(kind as string);
  });

  test("passes whole, and nothing but `[DONE]` that follows", () => {
    expect(run(`${WHOLE}data: [DONE]\n\n`).out).toBe(`${WHOLE}data: [DONE]\n\n`);
    expect(run(WHOLE + events(CREATED))).toMatchObject({ out: WHOLE, kind: undefined });
  });

  test("tells what it used", () => {
    expect(run(WHOLE).reader.usage).toEqual({ inputTokens: 7, inputTokensCached: 3, outputTokens: 3, reasoningTokens: 2 });
    expect(run(events(CREATED, TEXT)).reader.usage).toBeUndefined();
  });

  test.each([
    ["an answer", '{"object":"response","output":[]}', "upstream_invalid"],
    ["an error", ' {"error":{"message":"slow down","code":"rate_limit_exceeded"}}', "rate_limited"],
    ["a web page", "\n<!doctype html>", "upstream_invalid"],
  ])("is no stream if %s comes", (_, text, kind) => {
    expect(run(text)).toMatchObject({ out: "", kind });
  });
});

describe("a stream of a response that fails", () => {
  const said = { code: "server_error", message: "It broke." };

  test.each([
    ["`error` with its fields at the top", { type: "error", ...said, param: null }],
    ["`error` with an object", { type: "error", error: { type: "server_error", ...said, param: null } }],
    ["`response.failed`", { type: "response.failed", response: { ...RESPONSE, status: "failed", error: said } }],
    ["an error in the way of the chat format", { type: "odd", error: said }],
  ])("by %s lets another target take over before its content", (_, event) => {
    const { out, kind, reader } = run(events(CREATED, GOES_ON, event as never));
    expect([out, kind, reader.committed]).toEqual([events(CREATED, GOES_ON), "upstream_failed", false]);
  });

  test("by `response.failed` after content hands that on as it is", () => {
    const failed = { type: "response.failed", response: { ...RESPONSE, status: "failed", error: said, metadata: { own: "1" } } };
    const text = events(CREATED, TEXT, failed);
    const { out, reader } = run(text);
    expect(out + Buffer.from(reader.encodeFailure(reader.failure!, "r")).toString()).toBe(text);
  });

  test("by `error` after content goes on to `response.failed`, numbered on, in the provider's words", () => {
    const { out, reader } = run(events(CREATED, GOES_ON, TEXT, { type: "error", ...said, param: "input" }));
    const told = read(reader.encodeFailure(reader.failure!, "r"));
    expect(read(out)).toHaveLength(3);
    expect(told).toEqual([
      { type: "error", sequence_number: 3, ...said, param: "input" },
      { type: "response.failed", sequence_number: 4, response: { ...RESPONSE, status: "failed", error: said } },
    ]);
  });

  test("by breaking off is told in our words, numbered on", () => {
    const { reader } = run(events(CREATED, TEXT));
    const [error, failed] = read(reader.encodeFailure(reader.failure!, "r"));
    expect(error).toMatchObject({ type: "error", sequence_number: 2, code: "upstream_truncated", param: null });
    expect(failed).toMatchObject({ type: "response.failed", sequence_number: 3, response: { id: "resp_1", status: "failed" } });
  });

  test("is numbered on from the provider's numbers, or from our count where there are none", () => {
    const numbers = (text: string) => {
      const reader = open();
      reader.push(Buffer.from(text));
      return read(reader.encodeFailure(new OmniError("upstream_reset", "m"), "r")).map((event) => event["sequence_number"]);
    };
    expect(numbers(events(CREATED, TEXT).replace('"sequence_number":1', '"sequence_number":41'))).toEqual([42, 43]);
    expect(numbers(events(CREATED, TEXT).replaceAll(/,"sequence_number":\d/g, ""))).toEqual([2, 3]);
  });

  test("tells nobody the provider's words about our credential", () => {
    for (const event of [
      { type: "error", code: "invalid_api_key", message: "sk-secret is wrong" },
      { type: "error", error: { code: "invalid_api_key", message: "sk-secret is wrong" } },
      { type: "response.failed", response: { ...RESPONSE, error: { code: "invalid_api_key", message: "sk-secret is wrong" } } },
    ]) {
      const { kind, reader } = run(events(CREATED, TEXT, event as never));
      expect(kind).toBe("upstream_auth");
      expect(Buffer.from(reader.encodeFailure(reader.failure!, "r")).toString()).not.toContain("secret");
    }
  });

  test("before anything came says nothing of a response", () => {
    expect(read(open().encodeFailure(new OmniError("upstream_reset", "m"), "r"))).toEqual([
      { type: "error", sequence_number: 0, code: "upstream_reset", message: "m", param: null },
    ]);
  });
});

describe("a whole response", () => {
  const upstream = openaiResponses.upstream({});
  const inspect = (json: object) => upstream.inspectAnswer("application/json", Buffer.from(JSON.stringify(json)));

  test.each([
    ["an error", { error: { code: "rate_limit_exceeded", message: "m" } }, "rate_limited"],
    ["a failure", { ...RESPONSE, status: "failed", error: { code: "server_error", message: "m" } }, "upstream_failed"],
    ["a failure without a word", { ...RESPONSE, status: "failed", error: null }, "upstream_failed"],
    ["no output", { id: "resp_1" }, "upstream_invalid"],
    ["output that is none", { output: "x" }, "upstream_invalid"],
  ])("is hollow if it is %s", (_, json, kind) => {
    expect(() => inspect(json)).toThrow(expect.objectContaining({ kind }));
  });

  test("that fails tells no more than its error", () => {
    let caught: unknown;
    try {
      inspect({ ...RESPONSE, instructions: "be brief", status: "failed", error: { code: "x", message: "m" } });
    } catch (error) {
      caught = error;
    }
    expect(Buffer.from((caught as OmniError).body!).toString()).toBe('{"error":{"code":"x","message":"m"}}');
  });

  test("in the background has no output yet, and is an answer all the same", () => {
    expect(inspect({ ...RESPONSE, status: "queued", error: null })).toBeUndefined();
    expect(inspect({ ...RESPONSE, usage: USAGE })).toMatchObject({ outputTokens: 3 });
  });
});
