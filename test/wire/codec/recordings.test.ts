import { describe, expect, test, setDefaultTimeout } from "bun:test";
import type { ChatEvent } from "../../../src/ir/chat-events.ts";
import { OmniError } from "../../../src/ir/failure.ts";
import { foldEvents } from "../../../src/ir/fold-events.ts";
import type { ChatCodec } from "../../../src/wire/chat-codec.ts";
import { CHAT_CODECS } from "../../../src/wire/chat-codecs.ts";
import { API_OF, type Exchange, exchangesOf, type SseEvent } from "./recordings.ts";

// All recorded traffic at once, on machines that may be busy.
setDefaultTimeout(60_000);

/** Streams that hold a failure or have no end of their own: they must stay failures in every format. */
const FAILED_STREAMS: ReadonlyMap<string, string> = new Map([
  ["groq/pydantic-ai--test-groq-test-tool-use-failed-error-streaming-with-text#0", "upstream_rejected"],
  ["groq/pydantic-ai--test-groq-test-tool-use-failed-error-streaming#0", "upstream_rejected"],
  ["openai/llm--test-tools-streaming-test-tools-streaming-variant-b#0", "upstream_truncated"],
  ["openai/vercel-ai--openai-responses-openai-error.1#0", "rate_limited"],
  ["openrouter/pydantic-ai--test-openrouter-test-openrouter-stream-error#0", "upstream_rejected"],
]);

function decode(codec: ChatCodec, stream: readonly SseEvent[]): ChatEvent[] {
  const decoder = codec.decodeStream();
  return [...stream.flatMap((event) => decoder.push(event.data, event.name)), ...decoder.end()];
}

function encodeEverywhere(exchange: Exchange, codec: ChatCodec): void {
  if (exchange.stream === undefined) {
    const response = codec.decodeResponse(exchange.body);
    for (const other of CHAT_CODECS) expect(JSON.stringify(other.encodeResponse(response).json).length).toBeGreaterThan(2);
    return;
  }
  const events = decode(codec, exchange.stream);
  const last = events.at(-1);
  const failure = FAILED_STREAMS.get(exchange.id);
  expect(last?.type === "failure" ? last.error.kind : undefined).toBe(failure as never);
  for (const other of CHAT_CODECS) {
    const encoder = other.encodeStream();
    encoder.push(events);
    if (failure === undefined) other.encodeResponse(foldEvents(events));
  }
}

describe.each(CHAT_CODECS.map((codec) => [codec.wire, codec] as const))("%s", (_name, codec) => {
  const exchanges = exchangesOf(API_OF[codec.wire]!);

  test("every recorded answer can be written in every format", () => {
    const answers = exchanges.filter(({ status }) => status === 200);
    expect(answers.length).toBeGreaterThan(200);
    for (const exchange of answers) {
      try {
        encodeEverywhere(exchange, codec);
      } catch (cause) {
        throw new Error(exchange.id, { cause });
      }
    }
  });

  test("every recorded request can be written in every format", () => {
    // Azure's old paths name the model outside of the body, which is that wire's business.
    const requests = exchanges.filter(({ request }) => typeof request === "object" && request !== null && "model" in request);
    expect(requests.length).toBeGreaterThan(150);
    for (const { id, request, status } of requests) {
      try {
        const decoded = codec.decodeRequest(request);
        for (const other of CHAT_CODECS) expect(JSON.stringify(other.encodeRequest(decoded).json).length).toBeGreaterThan(2);
      } catch (cause) {
        // What the vendor refused, we may refuse; but in its own words.
        if (status >= 400 && cause instanceof OmniError && cause.kind === "invalid_request") continue;
        throw new Error(id, { cause });
      }
    }
  });
});
