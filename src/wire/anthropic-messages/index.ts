import { jsonMembers } from "../../bytes/json-members.ts";
import { EVERYTHING_OF_ANTHROPIC_MESSAGES } from "../everything.ts";
import { anthropicMessagesCodec } from "../chat-codecs.ts";
import { readHead } from "../openai-chat/head.ts";
import { failureOfRefusal } from "../provider-error.ts";
import { decodeRefusal as refusalOfAws } from "../bedrock-converse/failure.ts";
import type { CountUpstream } from "../count-tokens.ts";
import { withoutBody } from "../translate-chat.ts";
import type { Downstream, Upstream, Wire } from "../wire.ts";
import { ANTHROPIC_MESSAGES } from "../wire-names.ts";
import { inspectAnswer } from "./answer.ts";
import type { AnthropicDepartures } from "./encode-request.ts";
import { encodeError, encodeErrorEvent, statusOf } from "./envelope.ts";
import { BEDROCK, dressFor, knownBetas, VERTEX } from "./hosts.ts";
import { InvokeFrames } from "./invoke-frames.ts";
import { InvokeStreamReader } from "./invoke-stream.ts";
import { MessagesStreamReader } from "./stream.ts";

/** Where providers that speak this format depart from Anthropic and its newest models. */
export interface AnthropicMessagesDialect extends AnthropicDepartures {
  /** What single models depart in; goes before the rest. Default: nothing. */
  ofModel(model: string): Partial<AnthropicDepartures>;
  /** Whether it counts tokens. Default true. */
  readonly counts: boolean;
  /** The cloud that runs the models, if that is not Anthropic. Default: none. */
  readonly host: "bedrock" | "vertex";
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
  ...LIMITS.flatMap((what) => ["limit", "remaining", "reset"].map((which) => `anthropic-ratelimit-${what}-${which}`)),
  "retry-after",
  "x-should-retry",
];

/** Anthropic's Messages, which several more providers speak. https://platform.claude.com/docs/en/api/messages */
export const anthropicMessages: Wire<AnthropicMessagesDialect> = {
  name: ANTHROPIC_MESSAGES,
  operation: "chat",
  downstream,
  upstream: ({ ofModel, counts = true, host, ...departures }): Upstream => ({
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
      marksPrompts: () => true,
      decodeResponse: anthropicMessagesCodec.decodeResponse,
      decodeStream: anthropicMessagesCodec.decodeStream,
      ...(host === "bedrock" && { openFrames: () => new InvokeFrames() }),
      // Newer models refuse it.
      goesOn: (model) => (ofModel?.(model).thinking ?? departures.thinking) === "budget",
    },
    ...(host !== undefined && hostedHalf(host)),
  }),
};

/** What a cloud does otherwise. */
function hostedHalf(name: "bedrock" | "vertex"): Partial<Upstream> {
  const host = name === "bedrock" ? BEDROCK : VERTEX;
  return {
    path: host.path,
    headers: {},
    dress: (body, clientHeaders) => dressFor(host, body, clientHeaders?.get("anthropic-beta") ?? null),
    count: name === "bedrock" ? COUNT_AT_BEDROCK : COUNT_AT_VERTEX,
    ...(name === "bedrock"
      ? {
          streamType: "application/vnd.amazon.eventstream",
          requestHeaders: [],
          responseHeaders: ["retry-after", "x-amzn-requestid"],
          // In AWS's own words, which no client of this format reads.
          decodeRefusal: (status, headers, body, epochMs) => withoutBody(refusalOfAws(status, headers, body, epochMs)),
          openStream: () => new InvokeStreamReader(),
        }
      : {
          requestHeaders: ["anthropic-beta"],
          headerFor: (_, value) => knownBetas(host, value).join(",") || undefined,
        }),
  };
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html */
const COUNT_AT_BEDROCK: CountUpstream = {
  path: (model) => `/model/${encodeURIComponent(model)}/count-tokens`,
  field: "inputTokens",
  isOwn: true,
  // What is counted has to be a request that could be answered, and clients that count set no limit.
  rename: (body) => {
    const isLimited = jsonMembers(body)?.some(({ name }) => name === "max_tokens") === true;
    const whole = isLimited ? Buffer.from(body) : Buffer.concat([body.subarray(0, -1), Buffer.from(',"max_tokens":1}')]);
    return Buffer.from(JSON.stringify({ input: { invokeModel: { body: whole.toString("base64") } } }));
  },
};

/** https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/count-tokens: there the model stands in the body. */
const COUNT_AT_VERTEX: CountUpstream = {
  path: () => "/publishers/anthropic/models/count-tokens:rawPredict",
  field: "input_tokens",
  rename: (body, model) => Buffer.concat([Buffer.from(`{"model":${JSON.stringify(model)},`), body.subarray(1)]),
};
