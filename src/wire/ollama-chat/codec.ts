import type { ChatCodec } from "../chat-codec.ts";
import { NdjsonReader } from "../../bytes/ndjson.ts";
import { OLLAMA_CHAT } from "../wire-names.ts";
import { decodeRequest } from "./decode-request.ts";
import { decodeResponse } from "./decode-response.ts";
import { OllamaStreamDecoder } from "./decode-stream.ts";
import { encodeRequest, type OllamaDepartures } from "./encode-request.ts";
import { encodeResponse } from "./encode-response.ts";
import { OllamaStreamEncoder } from "./encode-stream.ts";

/** Ollama's chat. https://docs.ollama.com/api/chat */
export const ollamaChatCodec: ChatCodec<OllamaDepartures> = {
  wire: OLLAMA_CHAT,
  decodeRequest,
  encodeRequest,
  decodeResponse,
  encodeResponse,
  decodeStream: () => new OllamaStreamDecoder(),
  encodeStream: (context) => new OllamaStreamEncoder(context),
  openFrames: () => new NdjsonReader(),
};
