import { EVERYTHING_OF_OLLAMA_CHAT } from "../everything.ts";
import { NdjsonReader } from "../../bytes/ndjson.ts";
import { failureOfRefusal } from "../provider-error.ts";
import type { Downstream, Upstream, Wire } from "../wire.ts";
import { OLLAMA_CHAT } from "../wire-names.ts";
import { inspectAnswer } from "./answer.ts";
import { ollamaChatCodec } from "./codec.ts";
import type { OllamaDepartures } from "./encode-request.ts";
import { encodeError, encodeErrorEvent } from "./envelope.ts";
import { readHead } from "./head.ts";
import { OllamaStreamReader } from "./stream.ts";

const STREAM_TYPE = "application/x-ndjson";

const downstream: Downstream = {
  paths: ["/api/chat"],
  rootPaths: ["/api/chat"],
  everything: EVERYTHING_OF_OLLAMA_CHAT,
  streamType: STREAM_TYPE,
  // White space before an object is a part of no line that a client would try to read by itself, as an empty one would be.
  keepAlive: Buffer.from(" "),
  readHead,
  encodeError,
  encodeErrorEvent,
  chat: ollamaChatCodec,
};

/** Ollama's own chat. https://docs.ollama.com/api/chat */
export const ollamaChat: Wire<OllamaDepartures> = {
  name: OLLAMA_CHAT,
  operation: "chat",
  downstream,
  upstream: (departures): Upstream => ({
    wire: OLLAMA_CHAT,
    path: () => "/api/chat",
    streamType: STREAM_TYPE,
    headers: {},
    requestHeaders: [],
    responseHeaders: ["retry-after"],
    decodeRefusal: failureOfRefusal,
    inspectAnswer,
    openStream: () => new OllamaStreamReader(),
    chat: {
      encodeRequest: (request) => ollamaChatCodec.encodeRequest(request, departures),
      decodeResponse: ollamaChatCodec.decodeResponse,
      decodeStream: ollamaChatCodec.decodeStream,
      goesOn: () => true,
      openFrames: () => new NdjsonReader(),
    },
  }),
};
