import { TRANSCRIPT_FORMATS } from "../../ir/transcription.ts";
import type { WireSchemas } from "../wire.ts";

const SEGMENT = {
  type: "object",
  properties: { id: { type: "integer" }, start: { type: "number" }, end: { type: "number" }, text: { type: "string" } },
};

/** https://platform.openai.com/docs/api-reference/audio/createTranscription */
export const SCHEMAS: WireSchemas = {
  request: {
    type: "object",
    required: ["model", "file"],
    properties: {
      model: { type: "string", minLength: 1, description: "A name of GET /v1/models/stt." },
      file: {
        type: "string",
        contentMediaType: "application/octet-stream",
        description: "mp3, mp4, mpeg, mpga, m4a, wav, webm, ogg or flac.",
      },
      language: { type: "string", description: "ISO 639-1, such as `en`." },
      prompt: { type: "string", description: "Words that help." },
      response_format: { enum: [...TRANSCRIPT_FORMATS], default: "json" },
      temperature: { type: "number", minimum: 0, maximum: 1 },
      "timestamp_granularities[]": { type: "array", items: { enum: ["word", "segment"] } },
      stream: { type: "boolean", default: false },
    },
    additionalProperties: true,
  },
  answers: {
    "application/json": {
      type: "object",
      required: ["text"],
      properties: {
        text: { type: "string" },
        language: { type: "string" },
        duration: { type: "number" },
        segments: { type: "array", items: SEGMENT },
        words: { type: "array", items: { type: "object", additionalProperties: true } },
        usage: { type: "object", additionalProperties: true },
      },
    },
    "text/plain": { type: "string" },
    "text/event-stream": { type: "string" },
  },
};
