import type { WireSchemas } from "../wire.ts";

const DOMAINS = { type: "array", maxItems: 20, items: { type: "string", pattern: "^[a-z0-9]+(?:[.-][a-z0-9]+)*\\.[a-z]{2,63}$" } };

/** Omni's own. */
export const SCHEMAS: WireSchemas = {
  request: {
    type: "object",
    required: ["model", "query"],
    properties: {
      model: { type: "string", minLength: 1, description: "A name of GET /v1/models/web whose kind is `webSearch`." },
      query: { type: "string", pattern: "\\S", description: "At most 2,000 characters; some engines take fewer." },
      max_results: { type: "integer", minimum: 1, maximum: 100, default: 5 },
      include_answer: { type: "boolean", default: false, description: "An answer in words besides, where the engine gives one." },
      search_depth: { enum: ["basic", "advanced"], default: "basic" },
      topic: { enum: ["general", "news"], default: "general" },
      time_range: { enum: ["day", "week", "month", "year"], description: "How old results may be." },
      country: { type: "string", pattern: "^[A-Za-z]{2}$", description: "Two letters of ISO 3166." },
      include_domains: { ...DOMAINS, description: "Names of sites, such as `example.com`." },
      exclude_domains: DOMAINS,
    },
    additionalProperties: true,
  },
  answers: {
    "application/json": {
      type: "object",
      required: ["results"],
      properties: {
        answer: { type: "string" },
        results: {
          type: "array",
          description: "The best first.",
          items: {
            type: "object",
            required: ["url", "title", "content", "score"],
            properties: {
              url: { type: "string" },
              title: { type: "string" },
              content: { type: "string" },
              score: {
                type: "number",
                description: "The engine's own; where it gives none, 1 for the first, 1/2 for the second, and so on.",
              },
            },
          },
        },
      },
    },
  },
};
