import { failureOfRefusal } from "../provider-error.ts";
import type { Downstream, Upstream, Wire } from "../wire.ts";
import { inspectAnswer } from "./answer.ts";
import { encodeError, encodeErrorEvent } from "./envelope.ts";
import { readHead } from "./head.ts";
import { ChatStreamReader } from "./stream.ts";

/** Where providers that speak this format depart from OpenAI. */
export interface OpenaiChatDialect {
  /** Whether a stream without `[DONE]` at its end is cut off. Default false: some never send it, and `finish_reason` tells as well. */
  readonly doneRequired: boolean;
}

const downstream: Downstream = {
  paths: ["/chat/completions"],
  streamType: "text/event-stream; charset=utf-8",
  keepAlive: Buffer.from(": keep-alive\n\n"),
  readHead,
  encodeError,
  encodeErrorEvent,
};

/** What is the client's own business with the provider: how to bill, to trace, and to try again. */
const REQUEST_HEADERS = ["openai-beta", "openai-organization", "openai-project", "idempotency-key", "x-client-request-id"];

/** What clients show, log or wait by. */
const RESPONSE_HEADERS = [
  "x-request-id",
  "openai-processing-ms",
  "openai-organization",
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
  upstream: ({ doneRequired = false }): Upstream => ({
    wire: "openai-chat",
    path: () => "/chat/completions",
    headers: {},
    requestHeaders: REQUEST_HEADERS,
    responseHeaders: RESPONSE_HEADERS,
    decodeRefusal: failureOfRefusal,
    inspectAnswer,
    openStream: () => new ChatStreamReader(doneRequired),
  }),
};
