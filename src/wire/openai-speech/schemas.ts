import { SOUND_FORMATS, SOUND_TYPES } from "../../ir/speech.ts";
import type { WireSchemas } from "../wire.ts";

const SOUND = { type: "string", contentMediaType: "application/octet-stream" };

/** https://platform.openai.com/docs/api-reference/audio/createSpeech */
export const SCHEMAS: WireSchemas = {
  request: {
    type: "object",
    required: ["model", "input", "voice"],
    properties: {
      model: { type: "string", minLength: 1, description: "A name of GET /v1/models/tts." },
      input: { type: "string", minLength: 1 },
      voice: {
        description: "One of the model's `voices`, which GET /v1/models/tts lists.",
        anyOf: [{ type: "string" }, { type: "object", required: ["id"], properties: { id: { type: "string" } } }],
      },
      response_format: { enum: [...SOUND_FORMATS], default: "mp3" },
      speed: { type: "number", minimum: 0.25, maximum: 4, default: 1 },
      instructions: { type: "string", description: "How to speak, in words." },
      stream_format: { enum: ["audio", "sse"], default: "audio", description: "`sse`: pieces of sound in server-sent events." },
    },
    additionalProperties: true,
  },
  answers: {
    ...Object.fromEntries(Object.values(SOUND_TYPES).map((type) => [type, SOUND])),
    "text/event-stream": { type: "string" },
  },
};
