import { describe, expect, test, setDefaultTimeout } from "bun:test";
import type { ChatResponse } from "../../../src/ir/chat.ts";
import { foldEvents } from "../../../src/ir/fold-events.ts";
import { unfoldResponse } from "../../../src/ir/unfold-response.ts";
import type { ChatCodec } from "../../../src/wire/chat-codec.ts";
import { CHAT_CODECS, openaiResponsesCodec } from "../../../src/wire/chat-codecs.ts";
import { API_OF, exchangesOf, type SseEvent, splitSse } from "./recordings.ts";

// All recorded traffic at once, on machines that may be busy.
setDefaultTimeout(60_000);

const REQUEST = { model: "m", stream: true, messages: [], sampling: {}, streamUsage: true } as const;

/** Providers change these on the way, or leave them out of one of the two. */
const UNSTABLE: ReadonlySet<string> = new Set([
  "itemId",
  "opaque",
  "id",
  "encrypted_content",
  "logprobs",
  "native",
  "status",
  "fingerprint",
]);

/** Shortened by those who recorded it: its last event says more than its deltas did. */
const UNEQUAL: ReadonlySet<string> = new Set(["openai/vercel-ai--openai-responses-openai-shell-container.1#0"]);

function fold(codec: ChatCodec, stream: readonly SseEvent[]): ChatResponse {
  const decoder = codec.decodeStream();
  return foldEvents([...stream.flatMap((event) => decoder.push(event.data, event.name)), ...decoder.end()]);
}

/** What must be the same: all but bags around the answer, which stand in other places in a stream, and blanks between the arguments of calls. */
function meaningOf(response: ChatResponse, hasOrder: boolean): object {
  const { id, model, choices, usage } = response;
  return {
    ...{ id, model, usage },
    choices: choices.map(({ parts, finish: { bags: _bags, raw: _raw, ...finish } }) => {
      const read = parts.map((part) => {
        if (part.type === "tool-call") return { ...part, argumentsJson: plain(part.argumentsJson) };
        // A chat stream sets reasoning apart by empty lines, for it is one text to those who watch it.
        return part.type === "reasoning" ? { ...part, texts: part.texts.map(({ text }) => text.trimStart()) } : part;
      });
      return { finish, parts: hasOrder ? read : inChatOrder(read as never) };
    }),
  };
}

/** Whole answers of the chat format have one text and one reasoning, and no order between them and calls; streams show the order of their coming. */
function inChatOrder(parts: readonly Readonly<Record<string, unknown>>[]): object {
  const of = (type: string) => parts.filter((part) => part["type"] === type);
  return {
    text: of("text")
      .map((part) => part["text"])
      .join(""),
    citations: of("text").flatMap((part) => part["citations"] ?? []),
    reasoning: of("reasoning")
      .flatMap((part) => part["texts"])
      .join("\n\n"),
    opaque: of("reasoning").flatMap((part) => part["opaque"] ?? []),
    others: parts.filter((part) => part["type"] !== "text" && part["type"] !== "reasoning"),
  };
}

function plain(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    return json;
  }
}

const WHOLE = CHAT_CODECS.flatMap((codec) =>
  exchangesOf(API_OF[codec.wire]!).flatMap(({ id, status, body, stream }) =>
    status === 200 && stream === undefined ? [{ id, response: codec.decodeResponse(body) }] : [],
  ),
);

test("an answer is the same after it was made a stream and folded", () => {
  expect(WHOLE.length).toBeGreaterThan(700);
  for (const { id, response } of WHOLE) expect({ case: id, ...foldEvents(unfoldResponse(response)) }).toEqual({ ...response, case: id });
});

describe.each(CHAT_CODECS.map((codec) => [codec.wire, codec] as const))("%s", (wire, codec) => {
  test("every recorded answer reads the same, written as a stream or at once", () => {
    for (const { id, response } of WHOLE) {
      const context = { request: REQUEST, nowS: 1 };
      const whole = codec.decodeResponse(codec.encodeResponse(response, context).json);
      const text = new TextDecoder().decode(codec.encodeStream(context).push([...unfoldResponse(response)]));
      const hasOrder = wire !== "openai-chat";
      expect({ case: id, ...meaningOf(fold(codec, splitSse(text)), hasOrder) }).toEqual({ case: id, ...meaningOf(whole, hasOrder) });
    }
  });
});

test("a recorded Responses stream folds to the response that its last event holds", () => {
  let compared = 0;
  for (const { id, status, stream } of exchangesOf("responses")) {
    const last = stream
      ?.filter(({ data }) => data !== "[DONE]")
      .map(({ data }) => JSON.parse(data))
      .findLast((event) => /^response\.(completed|incomplete)$/.test(event.type));
    if (status !== 200 || last === undefined || stream === undefined || UNEQUAL.has(id)) continue;
    compared += 1;
    const withoutIds = (response: ChatResponse): unknown =>
      JSON.parse(JSON.stringify(meaningOf(response, true), (key, value) => (UNSTABLE.has(key) ? undefined : value)));
    expect({ id, ...(withoutIds(fold(openaiResponsesCodec, stream)) as object) }).toEqual({
      id,
      ...(withoutIds(openaiResponsesCodec.decodeResponse(last.response)) as object),
    });
  }
  expect(compared).toBeGreaterThan(80);
});
