import { describe, expect, test } from "bun:test";
import { readChatFacts } from "../../src/wire/chat-facts.ts";

const facts = (body: unknown) => readChatFacts(Buffer.from(JSON.stringify(body)));
const image = `data:image/png;base64,${"A".repeat(400_000)}`;

describe("readChatFacts", () => {
  test.each<{ claim: string; body: unknown; is: Partial<ReturnType<typeof readChatFacts>> }>([
    {
      claim: "chat completions, plain",
      body: { model: "m", messages: [{ role: "user", content: "hi" }] },
      is: { tools: false, images: false },
    },
    { claim: "chat completions with tools", body: { messages: [], tools: [{ type: "function" }] }, is: { tools: true } },
    { claim: "an empty list of tools is none", body: { messages: [], tools: [] }, is: { tools: false } },
    { claim: "its old functions", body: { functions: [{ name: "f" }] }, is: { tools: true } },
    {
      claim: "chat completions with an image",
      body: {
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "what?" },
              { type: "image_url", image_url: { url: image } },
            ],
          },
        ],
      },
      is: { images: true },
    },
    { claim: "a schema", body: { response_format: { type: "json_schema", json_schema: {} } }, is: { structuredOutput: true } },
    { claim: "plain text is no schema", body: { response_format: { type: "text" } }, is: { structuredOutput: false } },
    { claim: "a limit", body: { max_completion_tokens: 77 }, is: { outputTokensMax: 77 } },
    {
      claim: "Messages with an image and a limit",
      body: { max_tokens: 5, messages: [{ role: "user", content: [{ type: "image", source: { type: "base64", data: image } }] }] },
      is: { images: true, outputTokensMax: 5 },
    },
    {
      claim: "an image in a tool's result",
      body: { messages: [{ role: "user", content: [{ type: "tool_result", content: [{ type: "image" }] }] }] },
      is: { images: true },
    },
    {
      claim: "Responses with an image and a schema",
      body: { input: [{ role: "user", content: [{ type: "input_image", image_url: image }] }], text: { format: { type: "json_schema" } } },
      is: { images: true, structuredOutput: true },
    },
    { claim: "Responses with a limit", body: { input: "hi", max_output_tokens: 9 }, is: { outputTokensMax: 9 } },
    {
      claim: "Gemini's own",
      body: {
        contents: [{ role: "user", parts: [{ inlineData: { mimeType: "image/png", data: image } }] }],
        tools: [{ functionDeclarations: [] }],
        generationConfig: { maxOutputTokens: 3, responseSchema: { type: "OBJECT" } },
      },
      is: { images: true, tools: true, outputTokensMax: 3, structuredOutput: true },
    },
    {
      claim: "Ollama's own",
      body: { messages: [{ role: "user", content: "x", images: ["AAAA"] }], format: { type: "object" }, options: { num_predict: 4 } },
      is: { images: true, structuredOutput: true, outputTokensMax: 4 },
    },
  ])("reads $claim", ({ body, is }) => {
    expect(facts(body)).toMatchObject(is);
  });

  test("takes four bytes for a token, and a thousand tokens for an image however large", () => {
    expect(facts({ messages: [{ role: "user", content: "x".repeat(40_000) }] }).inputTokens).toBeWithin(10_000, 10_050);
    const content = [
      { type: "text", text: "what?" },
      { type: "image_url", image_url: { url: image } },
    ];
    expect(facts({ messages: [{ role: "user", content }] }).inputTokens).toBeWithin(1_000, 1_050);
  });

  test.each<{ claim: string; first: unknown; next: unknown }>([
    {
      claim: "chat completions",
      first: {
        messages: [
          { role: "system", content: "s" },
          { role: "user", content: "q" },
        ],
      },
      next: {
        messages: [
          { role: "system", content: "s" },
          { role: "user", content: "q" },
          { role: "assistant", content: "a" },
        ],
        temperature: 1,
      },
    },
    {
      claim: "without a system's word",
      first: { messages: [{ role: "user", content: "q" }] },
      next: {
        messages: [
          { role: "user", content: "q" },
          { role: "assistant", content: "a" },
        ],
      },
    },
    {
      claim: "Messages",
      first: { system: "s", messages: [{ role: "user", content: "q" }] },
      next: {
        messages: [
          { role: "user", content: "q" },
          { role: "assistant", content: "a" },
        ],
        system: "s",
      },
    },
    {
      claim: "a name that the client gives",
      first: { prompt_cache_key: "k", input: "q" },
      next: { prompt_cache_key: "k", input: "other" },
    },
  ])("a conversation stays the same from turn to turn: $claim", ({ first, next }) => {
    expect(facts(next).conversation).toBe(facts(first).conversation);
  });

  test.each<{ claim: string; first: object; other: object }>([
    {
      claim: "another question",
      first: {
        messages: [
          { role: "system", content: "s" },
          { role: "user", content: "q" },
        ],
      },
      other: {
        messages: [
          { role: "system", content: "s" },
          { role: "user", content: "r" },
        ],
      },
    },
    {
      claim: "another beginning",
      first: { system: "s", messages: [{ role: "user", content: "q" }] },
      other: { system: "t", messages: [{ role: "user", content: "q" }] },
    },
    { claim: "another text", first: { input: "q" }, other: { input: "r" } },
  ])("and is another by $claim", ({ first, other }) => {
    expect(facts(other).conversation).not.toBe(facts(first).conversation);
  });

  test("takes nothing that a provider might read otherwise", () => {
    expect(() => readChatFacts(Buffer.from('{"tools":[],"tools":[{}]}'))).toThrow();
    expect(() => readChatFacts(Buffer.from('{"\\u0074ools":[{}]}'))).toThrow();
  });
});
