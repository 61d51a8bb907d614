import { EVERYTHING_OF_GEMINI_GENERATE } from "../everything.ts";
import type { Downstream, Upstream, Wire } from "../wire.ts";
import { GEMINI_GENERATE } from "../wire-names.ts";
import { inspectAnswer } from "./answer.ts";
import { geminiGenerateCodec } from "./codec.ts";
import { COUNT_DOWNSTREAM, renameCounted } from "./count.ts";
import type { GeminiDepartures } from "./encode-request.ts";
import { encodeError, encodeErrorEvent } from "./envelope.ts";
import { readHead } from "./head.ts";
import { decodeRefusal } from "./refusal.ts";
import { GeminiStreamReader } from "./stream.ts";

const downstream: Downstream = {
  // Google's clients put the version before the path: some `v1`, some `v1beta`.
  paths: ["/models/*", "/v1beta/models/*"],
  rootPaths: ["/v1beta/models/*", "/api/v1beta/models/*"],
  everything: EVERYTHING_OF_GEMINI_GENERATE,
  streamType: "text/event-stream",
  keepAlive: Buffer.from(": keep-alive\r\n\r\n"),
  readHead,
  encodeError,
  encodeErrorEvent,
  chat: geminiGenerateCodec,
  count: COUNT_DOWNSTREAM,
};

/** Gemini's generateContent and streamGenerateContent, which Vertex AI speaks as well. https://ai.google.dev/api/generate-content */
export const geminiGenerate: Wire<GeminiDepartures> = {
  name: GEMINI_GENERATE,
  operation: "chat",
  downstream,
  upstream: (departures): Upstream => ({
    wire: GEMINI_GENERATE,
    path: (model, stream) => `/models/${pathName(model)}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    headers: {},
    requestHeaders: [],
    responseHeaders: ["retry-after", "server-timing"],
    decodeRefusal,
    inspectAnswer,
    openStream: () => new GeminiStreamReader(),
    count: { path: (model) => `/models/${pathName(model)}:countTokens`, field: "totalTokens", rename: renameCounted },
    chat: {
      encodeRequest: (request) => geminiGenerateCodec.encodeRequest(request, departures),
      decodeResponse: geminiGenerateCodec.decodeResponse,
      decodeStream: geminiGenerateCodec.decodeStream,
      goesOn: () => true,
    },
  }),
};

function pathName(model: string): string {
  return encodeURI(model).replaceAll(/[?#]/g, encodeURIComponent);
}
