import type { WireSchemas } from "../wire.ts";

const SCORES = { type: "object", additionalProperties: { type: "number" } };
const TEXT_PART = { type: "object", required: ["type", "text"], properties: { type: { const: "text" }, text: { type: "string" } } };
const IMAGE_PART = {
  type: "object",
  required: ["type", "image_url"],
  properties: {
    type: { const: "image_url" },
    image_url: { type: "object", required: ["url"], properties: { url: { type: "string" } } },
  },
};

/** https://platform.openai.com/docs/api-reference/moderations */
export const SCHEMAS: WireSchemas = {
  request: {
    type: "object",
    required: ["model", "input"],
    properties: {
      model: { type: "string", minLength: 1, description: "A name of GET /v1/models/moderation." },
      input: {
        description: "A text; texts, each with a verdict of its own; or texts and images that are judged as one.",
        anyOf: [
          { type: "string" },
          { type: "array", minItems: 1, items: { type: "string" } },
          { type: "array", minItems: 1, items: { anyOf: [TEXT_PART, IMAGE_PART] } },
        ],
      },
    },
    additionalProperties: true,
  },
  answers: {
    "application/json": {
      type: "object",
      required: ["id", "model", "results"],
      properties: {
        id: { type: "string" },
        model: { type: "string" },
        results: {
          type: "array",
          items: {
            type: "object",
            required: ["flagged", "categories", "category_scores"],
            properties: {
              flagged: { type: "boolean" },
              categories: { type: "object", additionalProperties: { type: "boolean" } },
              category_scores: SCORES,
            },
          },
        },
      },
    },
  },
};
