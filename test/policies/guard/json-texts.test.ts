import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { REQUEST_FIELDS, textOf, textSpans, withTexts } from "../../../src/policies/guard/json-texts.ts";

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const texts = (value: unknown): string[] => {
  const body = bytesOf(value);
  return textSpans(body, REQUEST_FIELDS).map(({ start, end, role }) => `${role}: ${textOf(body, start, end)}`);
};

describe("the texts of a request", () => {
  test.each([
    {
      format: "OpenAI Chat",
      body: {
        model: "secret",
        messages: [
          { role: "system", content: "s" },
          {
            content: [
              { type: "text", text: "u" },
              { type: "image_url", image_url: { url: "data:x" } },
            ],
            role: "user",
          },
          { role: "assistant", tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: '{"a":"b"}' } }] },
          { role: "tool", tool_call_id: "1", content: "t" },
        ],
        user: "nobody",
      },
      found: ["system: s", "user: u", 'assistant: {"a":"b"}', "tool: t"],
    },
    {
      format: "OpenAI Responses",
      body: {
        instructions: "i",
        input: [
          { role: "user", content: [{ type: "input_text", text: "u" }] },
          { type: "function_call_output", call_id: "c", output: "o" },
        ],
      },
      found: ["system: i", "user: u", ": o"],
    },
    { format: "OpenAI Responses in short", body: { input: "u" }, found: [": u"] },
    {
      format: "Anthropic",
      body: {
        system: [{ type: "text", text: "s" }],
        messages: [
          { role: "assistant", content: [{ type: "tool_use", id: "1", name: "f", input: { name: "Ann", type: "x" } }] },
          { role: "user", content: [{ type: "tool_result", tool_use_id: "1", content: [{ type: "text", text: "t" }] }] },
          { role: "user", content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: "QUJD" } }] },
        ],
      },
      found: ["system: s", "assistant: Ann", "assistant: x", "user: t"],
    },
    {
      format: "Gemini",
      body: {
        systemInstruction: { parts: [{ text: "s" }] },
        contents: [{ parts: [{ text: "u" }, { inlineData: { mimeType: "a", data: "Q" } }], role: "user" }],
      },
      found: ["system: s", "user: u"],
    },
    { format: "embeddings", body: { model: "m", input: ["a", "b"] }, found: [": a", ": b"] },
  ])("of $format are found, with whose they are", ({ body, found }) => {
    expect(texts(body)).toEqual([...found]);
    // However it is written.
    expect(texts(JSON.stringify(body, undefined, 2))).toEqual([...found]);
  });

  test("are found behind keys that are written with escapes", () => {
    expect(texts('{"m\\u0065ssages":[{"role":"user","c\\u006fntent":"x"}]}')).toEqual(["user: x"]);
  });

  test("can be changed, and nothing else is", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ role: fc.constantFrom("user", "tool"), content: fc.string({ unit: "binary" }), n: fc.jsonValue() })),
        (messages) => {
          const body = bytesOf({ a: 1e3, messages, z: [messages] });
          const spans = textSpans(body, REQUEST_FIELDS);
          const same = withTexts(
            body,
            spans.map((span) => ({ span, text: textOf(body, span.start, span.end) })),
          );
          expect(JSON.parse(new TextDecoder().decode(same))).toEqual(JSON.parse(new TextDecoder().decode(body)));
          const marked = withTexts(
            body,
            spans.map((span) => ({ span, text: "X" })),
          );
          const read = JSON.parse(new TextDecoder().decode(marked)) as { messages: { content: string }[]; z: unknown };
          expect(read.messages.map(({ content }) => content)).toEqual(messages.map(() => "X"));
          expect(read.z).toEqual(JSON.parse(JSON.stringify([messages])));
        },
      ),
      { numRuns: 300 },
    );
  });
});
