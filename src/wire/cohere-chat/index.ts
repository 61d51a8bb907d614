import { failureOfRefusal } from "../provider-error.ts";
import { unspoken } from "../unspoken.ts";
import type { Upstream, Wire } from "../wire.ts";
import { COHERE_CHAT } from "../wire-names.ts";
import { inspectAnswer } from "./answer.ts";
import { decodeResponse } from "./decode-response.ts";
import { CohereStreamDecoder } from "./decode-stream.ts";
import { type CohereDepartures, encodeRequest } from "./encode-request.ts";

/** Cohere's chat, version 2; no client speaks it to us. https://docs.cohere.com/reference/chat */
export const cohereChat: Wire<CohereDepartures> = {
  name: COHERE_CHAT,
  operation: "chat",
  upstream: (departures): Upstream => ({
    wire: COHERE_CHAT,
    path: () => "/chat",
    headers: {},
    requestHeaders: [],
    responseHeaders: ["retry-after", "x-debug-trace-id"],
    decodeRefusal: failureOfRefusal,
    inspectAnswer,
    openStream: unspoken,
    chat: {
      encodeRequest: (request) => encodeRequest(request, departures),
      decodeResponse,
      decodeStream: () => new CohereStreamDecoder(),
    },
  }),
};
