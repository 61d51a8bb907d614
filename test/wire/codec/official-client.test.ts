// biome-ignore-all lint/suspicious/noExplicitAny: the client has no type for custom calls in chat streams.
import { describe, expect, test, setDefaultTimeout } from "bun:test";
import OpenAI from "openai";
import type { ChatEvent } from "../../../src/ir/chat-events.ts";
import type { ChatResponse } from "../../../src/ir/chat.ts";
import { foldEvents } from "../../../src/ir/fold-events.ts";
import { unfoldResponse } from "../../../src/ir/unfold-response.ts";
import { CHAT_CODECS, openaiChatCodec, openaiResponsesCodec } from "../../../src/wire/chat-codecs.ts";
import { API_OF, exchangesOf } from "./recordings.ts";

// All recorded traffic at once, on machines that may be busy.
setDefaultTimeout(60_000);

// The vendor's own client is stricter than any document: it throws on streams that it does not understand.

const ASKED = { model: "m", stream: true, messages: [], sampling: {}, streamUsage: true } as const;

const ANSWERS: { readonly id: string; readonly events: readonly ChatEvent[]; readonly response: ChatResponse }[] = CHAT_CODECS.flatMap(
  (codec) =>
    exchangesOf(API_OF[codec.wire]!).flatMap(({ id, status, body, stream }) => {
      if (status !== 200) return [];
      const decoder = codec.decodeStream();
      const events = stream
        ? [...stream.flatMap(({ data, name }) => decoder.push(data, name)), ...decoder.end()]
        : [...unfoldResponse(codec.decodeResponse(body))];
      return events.at(-1)?.type === "end" ? [{ id: `${codec.wire} ${id}`, events, response: foldEvents(events) }] : [];
    }),
);

/** A client whose provider answers with these bytes. */
function clientOf(bytes: Uint8Array<ArrayBuffer>): OpenAI {
  const fetch = async (): Promise<Response> => new Response(bytes, { headers: { "content-type": "text/event-stream" } });
  return new OpenAI({ apiKey: "none", baseURL: "http://gateway.invalid/v1", fetch, maxRetries: 0 });
}

const textOf = ({ choices }: ChatResponse): string => choices[0]!.parts.map((part) => (part.type === "text" ? part.text : "")).join("");
const callsOf = ({ choices }: ChatResponse): unknown[] =>
  choices[0]!.parts.flatMap((part) => (part.type === "tool-call" ? [[part.id, part.name, part.argumentsJson || "{}"]] : []));

describe("openai", () => {
  test("its chat stream helper reads every recorded answer of every format", async () => {
    expect(ANSWERS.length).toBeGreaterThan(1000);
    for (const { id, events, response } of ANSWERS) {
      const bytes = openaiChatCodec.encodeStream({ request: ASKED, nowS: 1 }).push(events) as Uint8Array<ArrayBuffer>; // Just made, so not shared.
      const stream = clientOf(bytes).chat.completions.stream({ model: "m", messages: [], stream_options: { include_usage: true } });
      const completion = await stream.finalChatCompletion().catch((cause) => {
        throw new Error(id, { cause });
      });
      const { message } = completion.choices[0]!;
      expect({ id, text: message.content ?? "" }).toEqual({ id, text: textOf(response) });
      const calls = message.tool_calls?.map((call) =>
        call.type === "function"
          ? [call.id, call.function.name, call.function.arguments]
          : [call.id, (call as any).custom.name, (call as any).custom.input],
      );
      expect<unknown>({ id, calls: calls ?? [] }).toEqual({ id, calls: callsOf(response) });
      if (response.usage) expect(completion.usage?.total_tokens).toBeGreaterThanOrEqual(response.usage.outputTokens);
    }
  });

  test("its Responses stream helper reads every recorded answer of every format", async () => {
    for (const { id, events, response } of ANSWERS) {
      // Events of items that only this format knows are passed on as they came, also those that the helper is too old for.
      if (response.choices[0]!.parts.some((part) => part.type === "foreign")) continue;
      const bytes = openaiResponsesCodec.encodeStream({ request: ASKED, nowS: 1 }).push(events) as Uint8Array<ArrayBuffer>; // As above.
      const stream = clientOf(bytes).responses.stream({ model: "m", input: "x" });
      const final = await stream.finalResponse().catch((cause) => {
        throw new Error(id, { cause });
      });
      expect({ id, text: final.output_text }).toEqual({ id, text: textOf(response) });
      const calls = final.output.flatMap((item) =>
        item.type === "function_call"
          ? [[item.call_id, item.name, item.arguments]]
          : item.type === "custom_tool_call"
            ? [[item.call_id, item.name, item.input]]
            : [],
      );
      expect<unknown>({ id, calls }).toEqual({ id, calls: callsOf(response) });
    }
  });
});
