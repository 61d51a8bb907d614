import type { ChatCodec } from "../chat-codec.ts";
import { GEMINI_GENERATE } from "../wire-names.ts";
import { decodeRequest } from "./decode-request.ts";
import { decodeResponse } from "./decode-response.ts";
import { GeminiStreamDecoder } from "./decode-stream.ts";
import { encodeRequest, type GeminiDepartures } from "./encode-request.ts";
import { encodeResponse } from "./encode-response.ts";
import { GeminiStreamEncoder } from "./encode-stream.ts";

/** Gemini's generateContent. https://ai.google.dev/api/generate-content */
export const geminiGenerateCodec: ChatCodec<GeminiDepartures> = {
  wire: GEMINI_GENERATE,
  decodeRequest,
  encodeRequest,
  decodeResponse,
  encodeResponse,
  decodeStream: () => new GeminiStreamDecoder(),
  encodeStream: (context) => new GeminiStreamEncoder(context),
};
