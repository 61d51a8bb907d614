import { describe, expect, test } from "bun:test";
import type { ChatEvent } from "../../../src/ir/chat-events.ts";
import { CHAT_CODECS } from "../../../src/wire/chat-codecs.ts";
import { brokenChatRules } from "./chat-rules.ts";
import { brokenMessagesRules } from "./messages-rules.ts";
import { type SseEvent, splitSse } from "./recordings.ts";
import { brokenResponsesRules } from "./responses-rules.ts";

// The rules must be able to fail, or streams that keep them prove nothing.

const EVENTS: readonly ChatEvent[] = [
  { type: "start", id: "x", model: "m" },
  { type: "part-start", choice: 0, part: 0, content: { type: "reasoning", texts: [] } },
  { type: "reasoning-delta", choice: 0, part: 0, piece: 0, form: "summary", text: "hm" },
  { type: "part-end", choice: 0, part: 0 },
  { type: "part-start", choice: 0, part: 1, content: { type: "text", text: "" } },
  { type: "text-delta", choice: 0, part: 1, text: "hi" },
  { type: "part-end", choice: 0, part: 1 },
  { type: "part-start", choice: 0, part: 2, content: { type: "tool-call", id: "a", name: "f", argumentsJson: "" } },
  { type: "arguments-delta", choice: 0, part: 2, json: "{}" },
  { type: "part-end", choice: 0, part: 2 },
  { type: "finish", choice: 0, finish: { reason: "tool-calls" } },
  { type: "usage", usage: { inputTokens: 1, inputTokensCached: 0, outputTokens: 1, reasoningTokens: 0 } },
  { type: "end" },
];

const RULES: Readonly<Record<string, (events: readonly SseEvent[]) => string[]>> = {
  "openai-chat": (events) => brokenChatRules(events, true),
  "anthropic-messages": brokenMessagesRules,
  "openai-responses": brokenResponsesRules,
};

/** Broken is also what can not even be checked. */
function breaks(wire: string, events: readonly SseEvent[]): boolean {
  try {
    return RULES[wire]!(events).length > 0;
  } catch {
    return true;
  }
}

/** Events that may be missing or come twice without anybody noticing: pieces of content. */
const FREE: Readonly<Record<string, RegExp>> = {
  "openai-chat": /"content":"hi"|"reasoning_content"|"function":\{"arguments":"\{\}"|"choices":\[\],"usage":\{/,
  "anthropic-messages": /_delta"/,
  "openai-responses": /never/,
};

describe.each(CHAT_CODECS.map((codec) => [codec.wire, codec] as const))("%s", (wire, codec) => {
  const encoder = codec.encodeStream({ request: { model: "m", stream: true, messages: [], sampling: {}, streamUsage: true } });
  const stream = splitSse(new TextDecoder().decode(encoder.push(EVENTS)));
  const structural = stream
    .map((_, index) => index)
    .filter((index) => !FREE[wire]!.test(stream[index]!.data) || /message_delta/.test(stream[index]!.data));

  test("a good stream keeps the rules", () => {
    expect(RULES[wire]!(stream)).toEqual([]);
  });

  test("a stream that lacks any of its structure breaks them", () => {
    expect(structural.length).toBeGreaterThan(3);
    for (const index of structural) expect([index, breaks(wire, stream.toSpliced(index, 1))]).toEqual([index, true]);
  });

  test("a stream that says any of its structure twice breaks them", () => {
    for (const index of structural) expect([index, breaks(wire, stream.toSpliced(index, 0, stream[index]!))]).toEqual([index, true]);
  });
});
