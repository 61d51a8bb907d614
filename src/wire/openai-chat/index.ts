import { EVERYTHING_OF_OPENAI_CHAT } from "../everything.ts";
import { openaiChatCodec } from "../chat-codecs.ts";
import { failureOfRefusal } from "../provider-error.ts";
import type { Downstream, Upstream, Wire } from "../wire.ts";
import { inspectAnswer } from "./answer.ts";
import type { OpenAIChatDepartures } from "./encode-request.ts";
import { encodeError, encodeErrorEvent } from "./envelope.ts";
import { readHead } from "./head.ts";
import { chatReplay } from "./replay.ts";
import { ChatStreamReader } from "./stream.ts";

/** Where providers that speak this format depart from OpenAI. */
export interface OpenaiChatDialect extends OpenAIChatDepartures {
  /** Whether a stream without `[DONE]` at its end is cut off. Default false: some never send it, and `finish_reason` tells as well. */
  readonly doneRequired: boolean;
}

const downstream: Downstream = {
  paths: ["/chat/completions"],
  sample: { model: "default", messages: [{ role: "user", content: "Say hello." }] },
  everything: EVERYTHING_OF_OPENAI_CHAT,
  streamType: "text/event-stream; charset=utf-8",
  keepAlive: Buffer.from(": keep-alive\n\n"),
  idHeader: "x-request-id",
  readHead,
  encodeError,
  encodeErrorEvent,
  chat: openaiChatCodec,
};

/** What is the client's own business with the provider: how to bill, to trace, and to try again. */
export const OPENAI_REQUEST_HEADERS: readonly string[] = [
  "openai-beta",
  "openai-organization",
  "openai-project",
  "idempotency-key",
  "x-client-request-id",
];

/** What clients show, log or wait by. */
export const OPENAI_RESPONSE_HEADERS: readonly string[] = [
  "x-request-id",
  "openai-processing-ms",
  "openai-version",
  "x-ratelimit-limit-requests",
  "x-ratelimit-limit-tokens",
  "x-ratelimit-remaining-requests",
  "x-ratelimit-remaining-tokens",
  "x-ratelimit-reset-requests",
  "x-ratelimit-reset-tokens",
  "retry-after",
  "retry-after-ms",
  "x-should-retry",
  "apim-request-id",
  "x-ms-region",
];

/** OpenAI's Chat Completions, which most providers speak. https://platform.openai.com/docs/api-reference/chat */
export const openaiChat: Wire<OpenaiChatDialect> = {
  name: "openai-chat",
  operation: "chat",
  downstream,
  upstream: ({ doneRequired = false, ...departures }): Upstream => ({
    grantsUsageWish: departures.streamOptions !== false,
    wire: "openai-chat",
    path: () => "/chat/completions",
    headers: {},
    requestHeaders: OPENAI_REQUEST_HEADERS,
    responseHeaders: OPENAI_RESPONSE_HEADERS,
    decodeRefusal: failureOfRefusal,
    inspectAnswer,
    openStream: (hidesUsage) => new ChatStreamReader(doneRequired, hidesUsage),
    ...(departures.reasoningBack !== undefined && departures.reasoningBack !== "none" && { replay: chatReplay(departures.reasoningBack) }),
    chat: {
      encodeRequest: (request) => openaiChatCodec.encodeRequest(request, departures),
      // Who resells Claude takes the marks that it needs.
      marksPrompts: (model) => departures.cacheMarks === "cache_control" && /claude/i.test(model),
      decodeResponse: openaiChatCodec.decodeResponse,
      decodeStream: openaiChatCodec.decodeStream,
    },
  }),
};
