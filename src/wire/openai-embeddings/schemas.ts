import type { WireSchemas } from "../wire.ts";

const TEXT = { type: "string", minLength: 1 };
const TOKENS = { type: "array", minItems: 1, items: { type: "integer", minimum: 0 } };

/** https://platform.openai.com/docs/api-reference/embeddings */
export const SCHEMAS: WireSchemas = {
  request: {
    type: "object",
    required: ["model", "input"],
    properties: {
      model: { type: "string", minLength: 1, description: "A name of GET /v1/models/embedding." },
      input: {
        description: "A text, texts, tokens, or lists of tokens.",
        anyOf: [TEXT, TOKENS, { type: "array", minItems: 1, items: { anyOf: [TEXT, TOKENS] } }],
      },
      dimensions: { type: "integer", minimum: 1, description: "How long the vectors shall be. Default: as the model makes them." },
      encoding_format: { enum: ["float", "base64"], default: "float" },
      input_type: { type: "string", description: "What the vectors are for: search_query, search_document, classification, clustering." },
      user: { type: "string" },
    },
    additionalProperties: true,
  },
  answers: {
    "application/json": {
      type: "object",
      required: ["object", "data", "model", "usage"],
      properties: {
        object: { const: "list" },
        data: {
          type: "array",
          items: {
            type: "object",
            required: ["object", "index", "embedding"],
            properties: {
              object: { const: "embedding" },
              index: { type: "integer" },
              embedding: { anyOf: [{ type: "array", items: { type: "number" } }, { type: "string" }] },
            },
          },
        },
        model: { type: "string" },
        usage: { type: "object", properties: { prompt_tokens: { type: "integer" }, total_tokens: { type: "integer" } } },
      },
    },
  },
};
