import type { WireSchemas } from "../wire.ts";

const DOCUMENT = { anyOf: [{ type: "string" }, { type: "object", additionalProperties: true }] };

/** https://docs.cohere.com/reference/rerank */
export const SCHEMAS: WireSchemas = {
  request: {
    type: "object",
    required: ["model", "query", "documents"],
    properties: {
      model: { type: "string", minLength: 1, description: "A name of GET /v1/models/rerank." },
      query: { type: "string" },
      documents: { type: "array", minItems: 1, items: DOCUMENT },
      top_n: { type: "integer", minimum: 1, description: "How many to give back. Default: all." },
      return_documents: { type: "boolean", default: false },
      max_tokens_per_doc: { type: "integer", minimum: 1 },
    },
    additionalProperties: true,
  },
  answers: {
    "application/json": {
      type: "object",
      required: ["id", "results"],
      properties: {
        id: { type: "string" },
        model: { type: "string" },
        results: {
          type: "array",
          description: "The best first.",
          items: {
            type: "object",
            required: ["index", "relevance_score"],
            properties: {
              index: { type: "integer" },
              relevance_score: { type: "number" },
              document: { type: "object", additionalProperties: true },
            },
          },
        },
        meta: { type: "object", additionalProperties: true },
        usage: { type: "object", properties: { total_tokens: { type: "integer" } } },
      },
    },
  },
};
