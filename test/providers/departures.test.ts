import { describe, expect, test } from "bun:test";
import { PROVIDERS } from "../../src/providers/index.ts";
import type { ProviderDefinition } from "../../src/providers/provider.ts";
import { anthropicMessagesCodec, openaiChatCodec } from "../../src/wire/chat-codecs.ts";

const providers: readonly ProviderDefinition[] = PROVIDERS;

/** What a provider is sent of a request in Anthropic's or OpenAI's words. */
function sent(name: string, body: object, codec: typeof anthropicMessagesCodec | typeof openaiChatCodec = openaiChatCodec) {
  const service = providers.find((provider) => provider.name === name)!.services[0]!;
  // biome-ignore lint/suspicious/noExplicitAny: what was written is looked into here and there.
  return service.upstream.chat!.encodeRequest(codec.decodeRequest(body as never)) as { json: any; losses: readonly { what: string }[] };
}

const CALLED = {
  model: "m",
  max_tokens: 9,
  messages: [
    { role: "user", content: "hi" },
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "call_abc.def:0", type: "function", function: { name: "f", arguments: "{}" } }],
    },
    { role: "tool", tool_call_id: "call_abc.def:0", content: "yes" },
  ],
};

describe("Mistral", () => {
  test("is given ids of nine letters and digits, the same for a call and its result", () => {
    const [, call, result] = sent("mistral", CALLED).json.messages;
    expect(call.tool_calls[0].id).toMatch(/^[a-z0-9]{9}$/);
    expect(result.tool_call_id).toBe(call.tool_calls[0].id);
  });

  test("gets its own ids back as they were", () => {
    const text = JSON.stringify(CALLED).replaceAll("call_abc.def:0", "D681PevKs");
    expect(sent("mistral", JSON.parse(text)).json.messages[2].tool_call_id).toBe("D681PevKs");
  });

  test("is not sent what it refuses, and that is a loss", () => {
    const { json, losses } = sent("mistral", { ...CALLED, seed: 7, user: "u", temperature: 0.5 });
    expect(Object.keys(json)).not.toContainAnyValues(["seed", "user"]);
    expect(json.temperature).toBe(0.5);
    expect(losses.map(({ what }) => what).toSorted()).toEqual(["seed", "user"]);
  });

  test("is not asked for usage in streams, which it tells unasked", () => {
    expect(sent("mistral", { ...CALLED, stream: true }).json).not.toHaveProperty("stream_options");
  });
});

const THOUGHT = {
  model: "m",
  max_tokens: 9,
  messages: [
    { role: "user", content: "hi" },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "hm", signature: "" },
        { type: "tool_use", id: "toolu_1", name: "f", input: {} },
      ],
    },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "yes" }] },
  ],
};

test.each(["deepseek", "moonshot", "xiaomi-mimo"])("%s gets its reasoning back as reasoning_content", (name) => {
  expect(sent(name, THOUGHT, anthropicMessagesCodec).json.messages[1].reasoning_content).toBe("hm");
});

test.each(["groq", "together", "alibaba", "perplexity"])("%s gets none, and the older names", (name) => {
  const { json } = sent(name, { ...THOUGHT, system: "be brief" }, anthropicMessagesCodec);
  expect(JSON.stringify(json)).not.toContain("hm");
  expect(json.max_tokens).toBe(9);
  expect(json.messages[0].role).toBe("system");
});

test("OpenRouter gets marks of caches", () => {
  const content = [{ type: "text", text: "long", cache_control: { type: "ephemeral" } }];
  const { json } = sent("openrouter", { model: "m", max_tokens: 9, messages: [{ role: "user", content }] }, anthropicMessagesCodec);
  expect(json.messages[0].content[0].cache_control).toEqual({ type: "ephemeral" });
});
