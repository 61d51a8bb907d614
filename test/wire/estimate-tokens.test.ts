import { describe, expect, test } from "bun:test";
import { anthropicMessagesCodec, openaiChatCodec } from "../../src/wire/chat-codecs.ts";
import { estimateTokens } from "../../src/wire/estimate-tokens.ts";
import { exchangesOf, recordings } from "../support/recordings.ts";

interface Counted {
  readonly id: string;
  /** Estimated over true. */
  readonly ratio: number;
  readonly tools: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: a recording is looked into here and there.
type Json = Record<string, any>;

// The weights of the estimate were fitted to these very recordings, so this holds them to what they reached and promises nothing of other requests.

/** Requests without media or vendors' own tools, whose vendor told in one whole answer how many tokens they had. */
function counted(
  provider: string,
  api: string,
  codec: typeof openaiChatCodec | typeof anthropicMessagesCodec,
  truth: (answer: Json) => number,
): Counted[] {
  return recordings({ provider, api }).flatMap((row) =>
    exchangesOf(row).flatMap(({ request, response }) => {
      const body = request.body as Json | undefined;
      const answer = response.body as Json | undefined;
      if (response.status !== 200 || body === undefined || answer === undefined) return [];
      const tokens = truth(answer);
      let chat: ReturnType<typeof codec.decodeRequest>;
      try {
        chat = codec.decodeRequest(body as never);
      } catch {
        return [];
      }
      if (!(tokens > 0) || /"type":"(?:hosted|web-search|foreign|image|file|audio)"/.test(JSON.stringify(chat))) return [];
      return [{ id: row.id, ratio: estimateTokens(chat, String(body["model"])) / tokens, tools: (chat.tools ?? []).length > 0 }];
    }),
  );
}

const share = (list: readonly Counted[], within: number) => list.filter(({ ratio }) => Math.abs(ratio - 1) <= within).length / list.length;

const ofUsage = ({ usage }: Json) =>
  (usage?.input_tokens ?? 0) + (usage?.cache_read_input_tokens ?? 0) + (usage?.cache_creation_input_tokens ?? 0);
const CLAUDE = [
  ...counted("anthropic", "messages", anthropicMessagesCodec, ofUsage),
  ...counted("anthropic", "count-tokens", anthropicMessagesCodec, ({ input_tokens }) => input_tokens),
];
const OPENAI = counted("openai", "chat", openaiChatCodec, ({ usage }) => usage?.prompt_tokens ?? 0);

describe("an estimate", () => {
  test("has enough recordings to be held against", () => {
    expect(CLAUDE.length).toBeGreaterThan(50);
    expect(CLAUDE.filter(({ tools }) => tools).length).toBeGreaterThan(10);
    expect(OPENAI.length).toBeGreaterThan(80);
  });

  test("is within 15 % for all of Claude's requests with tools, and three quarters of all", () => {
    expect(CLAUDE.filter(({ tools, ratio }) => tools && Math.abs(ratio - 1) > 0.15)).toEqual([]);
    expect(share(CLAUDE, 0.15)).toBeGreaterThan(0.75);
  });

  test("is within 30 % for nine tenths of OpenAI's", () => {
    expect(share(OPENAI, 0.3)).toBeGreaterThan(0.9);
  });

  const said = (content: unknown, more: object = {}) =>
    estimateTokens(
      anthropicMessagesCodec.decodeRequest({ model: "m", messages: [{ role: "user", content }], ...more } as never),
      "claude-sonnet-5",
    );
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };
  const tool = {
    name: "look",
    description: "Looks something up.",
    input_schema: { type: "object", properties: { what: { type: "string" } } },
  };
  const called = [
    { role: "user", content: "hi" },
    {
      role: "assistant",
      content: [{ type: "tool_use", id: "t", name: "look", input: { what: "everything that there is to know about it" } }],
    },
  ];
  const result = (content: unknown) => ({ role: "user", content: [{ type: "tool_result", tool_use_id: "t", content }] });
  const long = "What a tool has found is usually much longer than what was asked. ".repeat(50);

  test.each([
    { what: "a picture", less: said([{ type: "text", text: "hi" }]), more: said([{ type: "text", text: "hi" }, image]), by: 1000 },
    { what: "tools", less: said("hi"), more: said("hi", { tools: [tool] }), by: 300 },
    { what: "system words", less: said("hi"), more: said("hi", { system: long }), by: 500 },
    { what: "calls", less: said("hi", { messages: called.slice(0, 1) }), more: said("hi", { messages: called }), by: 20 },
    {
      what: "results of tools",
      less: said("hi", { messages: [...called, result("")] }),
      more: said("hi", { messages: [...called, result(long)] }),
      by: 500,
    },
    {
      what: "a picture in a result",
      less: said("hi", { messages: [...called, result("")] }),
      more: said("hi", { messages: [...called, result([image])] }),
      by: 1000,
    },
  ])("counts $what", ({ less, more, by }) => {
    expect(more - less).toBeGreaterThan(by);
  });

  test.each([
    { script: "Chinese", text: "今天天气很好，我们去公园散步吧。".repeat(20), least: 200 },
    { script: "Cyrillic", text: "Сегодня хорошая погода, пойдём гулять. ".repeat(20), least: 150 },
  ])("does not take $script for little", ({ text, least }) => {
    expect(said(text)).toBeGreaterThan(least);
  });
});
