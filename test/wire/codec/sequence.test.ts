import { describe, expect, test, setDefaultTimeout } from "bun:test";
import type { ChatEvent } from "../../../src/ir/chat-events.ts";
import { unfoldResponse } from "../../../src/ir/unfold-response.ts";
import type { ChatCodec } from "../../../src/wire/chat-codec.ts";
import { CHAT_CODECS } from "../../../src/wire/chat-codecs.ts";
import { brokenChatRules } from "./chat-rules.ts";
import { brokenMessagesRules } from "./messages-rules.ts";
import { API_OF, exchangesOf, type SseEvent, splitSse } from "./recordings.ts";
import { brokenResponsesRules } from "./responses-rules.ts";

// All recorded traffic at once, on machines that may be busy.
setDefaultTimeout(60_000);

const RULES: Readonly<Record<string, (events: readonly SseEvent[]) => string[]>> = {
  "openai-chat": (events) => brokenChatRules(events, true),
  "anthropic-messages": brokenMessagesRules,
  "openai-responses": brokenResponsesRules,
};

const REQUEST = { model: "m", stream: true, messages: [], sampling: {}, streamUsage: true } as const;

/** Every recorded answer as events: streams as they came, whole answers unfolded. */
function answersOf(codec: ChatCodec): { readonly id: string; readonly events: readonly ChatEvent[] }[] {
  const answers = [];
  for (const { id, status, body, stream } of exchangesOf(API_OF[codec.wire]!)) {
    if (status !== 200) continue;
    const decoder = codec.decodeStream();
    const events = stream
      ? [...stream.flatMap((event) => decoder.push(event.data, event.name)), ...decoder.end()]
      : [...unfoldResponse(codec.decodeResponse(body))];
    if (events.at(-1)?.type === "end") answers.push({ id, events });
  }
  return answers;
}

const ANSWERS = CHAT_CODECS.flatMap(answersOf);

describe.each(CHAT_CODECS.map((codec) => [codec.wire, codec] as const))("%s", (wire, codec) => {
  test("streams of all recorded answers keep the rules of the format", () => {
    expect(ANSWERS.length).toBeGreaterThan(1000);
    const broken = new Map<string, string[]>();
    for (const { id, events } of ANSWERS) {
      const encoder = codec.encodeStream({ request: REQUEST, nowS: 1 });
      const written = splitSse(new TextDecoder().decode(encoder.push(events)));
      for (const rule of RULES[wire]!(written)) broken.set(rule, [...(broken.get(rule) ?? []), id]);
    }
    expect(Object.fromEntries(broken)).toEqual({});
  });
});
