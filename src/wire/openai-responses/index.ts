import { EVERYTHING_OF_OPENAI_RESPONSES } from "../everything.ts";
import { openaiResponsesCodec } from "../chat-codecs.ts";
import { OPENAI_REQUEST_HEADERS, OPENAI_RESPONSE_HEADERS } from "../openai-chat/index.ts";
import { failureOfRefusal } from "../provider-error.ts";
import type { Downstream, Upstream, Wire } from "../wire.ts";
import { OPENAI_RESPONSES } from "../wire-names.ts";
import { inspectAnswer } from "./answer.ts";
import type { ResponsesDepartures } from "./encode-request.ts";
import { encodeError, encodeErrorEvent } from "./envelope.ts";
import { readHead } from "./head.ts";
import { keeping } from "./keep.ts";
import { ResponsesStreamReader } from "./stream.ts";

/** Where providers that speak this format depart from OpenAI. */
export interface OpenaiResponsesDialect extends ResponsesDepartures {
  /** Whether it counts tokens. Default true. */
  readonly counts: boolean;
  /** Whether it keeps answers under their names. Default true. */
  readonly keepsAnswers: boolean;
  /** Whether it makes conversations shorter when asked to. Default false. */
  readonly compacts: boolean;
}

const downstream: Downstream = {
  paths: ["/responses"],
  sample: { model: "default", input: "Say hello." },
  everything: EVERYTHING_OF_OPENAI_RESPONSES,
  streamType: "text/event-stream; charset=utf-8",
  // An event would need a number, and clients take those for the provider's.
  keepAlive: Buffer.from(": keep-alive\n\n"),
  idHeader: "x-request-id",
  readHead,
  encodeError,
  encodeErrorEvent,
  chat: openaiResponsesCodec,
  keeping,
  count: {
    paths: ["/responses/input_tokens"],
    encode: (tokens) => Buffer.from(JSON.stringify({ object: "response.input_tokens", input_tokens: tokens })),
  },
};

/** OpenAI's Responses, which Azure, xAI and others speak as well. https://platform.openai.com/docs/api-reference/responses */
export const openaiResponses: Wire<OpenaiResponsesDialect> = {
  name: OPENAI_RESPONSES,
  operation: "chat",
  downstream,
  upstream: ({ counts = true, keepsAnswers = true, compacts = false, ...departures }): Upstream => ({
    wire: OPENAI_RESPONSES,
    path: () => "/responses",
    headers: {},
    requestHeaders: OPENAI_REQUEST_HEADERS,
    responseHeaders: OPENAI_RESPONSE_HEADERS,
    decodeRefusal: failureOfRefusal,
    inspectAnswer,
    openStream: (_, sink) => new ResponsesStreamReader(sink),
    keepsAnswers,
    ...(compacts && { compactPath: keeping.compactPath }),
    ...(counts && { count: { path: () => "/responses/input_tokens", field: "input_tokens" } }),
    chat: {
      encodeRequest: (request) => openaiResponsesCodec.encodeRequest(request, departures),
      decodeResponse: openaiResponsesCodec.decodeResponse,
      decodeStream: openaiResponsesCodec.decodeStream,
    },
  }),
};
