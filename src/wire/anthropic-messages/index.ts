import { EVERYTHING_OF_ANTHROPIC_MESSAGES } from "../everything.ts";
import { anthropicMessagesCodec } from "../chat-codecs.ts";
import { readHead } from "../openai-chat/head.ts";
import { failureOfRefusal } from "../provider-error.ts";
import type { Downstream, Upstream, Wire } from "../wire.ts";
import { ANTHROPIC_MESSAGES } from "../wire-names.ts";
import { inspectAnswer } from "./answer.ts";
import type { AnthropicDepartures } from "./encode-request.ts";
import { encodeError, encodeErrorEvent, statusOf } from "./envelope.ts";
import { MessagesStreamReader } from "./stream.ts";

/** Where providers that speak this format depart from Anthropic and its newest models. */
export interface AnthropicMessagesDialect extends AnthropicDepartures {
  /** What single models depart in; goes before the rest. Default: nothing. */
  ofModel(model: string): Partial<AnthropicDepartures>;
  /** Whether it counts tokens. Default true. */
  readonly counts: boolean;
}

const downstream: Downstream = {
  paths: ["/messages"],
  sample: { model: "default", max_tokens: 1024, messages: [{ role: "user", content: "Say hello." }] },
  everything: EVERYTHING_OF_ANTHROPIC_MESSAGES,
  streamType: "text/event-stream; charset=utf-8",
  keepAlive: Buffer.from('event: ping\ndata: {"type":"ping"}\n\n'),
  idHeader: "request-id",
  readHead,
  encodeError,
  encodeErrorEvent,
  statusOf,
  chat: anthropicMessagesCodec,
  count: { paths: ["/messages/count_tokens"], encode: (tokens) => Buffer.from(JSON.stringify({ input_tokens: tokens })) },
};

/** Of the client's own with the provider: which of the format's versions and trial features it means. */
const REQUEST_HEADERS = ["anthropic-version", "anthropic-beta", "idempotency-key"];

const LIMITS = ["requests", "tokens", "input-tokens", "output-tokens"];

/** What clients show, log or wait by. */
const RESPONSE_HEADERS = [
  "request-id",
  "anthropic-workspace-id",
  ...LIMITS.flatMap((what) => ["limit", "remaining", "reset"].map((which) => `anthropic-ratelimit-${what}-${which}`)),
  "retry-after",
  "x-should-retry",
];

/** Anthropic's Messages, which several more providers speak. https://platform.claude.com/docs/en/api/messages */
export const anthropicMessages: Wire<AnthropicMessagesDialect> = {
  name: ANTHROPIC_MESSAGES,
  operation: "chat",
  downstream,
  upstream: ({ ofModel, counts = true, ...departures }): Upstream => ({
    wire: ANTHROPIC_MESSAGES,
    path: () => "/messages",
    // The version that takes the most: the one of October 2026 refuses all sampling. A client of this format says its own.
    headers: { "anthropic-version": "2023-06-01" },
    requestHeaders: REQUEST_HEADERS,
    responseHeaders: RESPONSE_HEADERS,
    decodeRefusal: failureOfRefusal,
    inspectAnswer,
    openStream: () => new MessagesStreamReader(),
    ...(counts && { count: { path: () => "/messages/count_tokens", field: "input_tokens" } }),
    chat: {
      encodeRequest: (request) => anthropicMessagesCodec.encodeRequest(request, { ...departures, ...ofModel?.(request.model) }),
      decodeResponse: anthropicMessagesCodec.decodeResponse,
      decodeStream: anthropicMessagesCodec.decodeStream,
    },
  }),
};
