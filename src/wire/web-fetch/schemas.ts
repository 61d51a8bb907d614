import type { WireSchemas } from "../wire.ts";

const URLS = { type: "array", items: { type: "string" } };

/** Omni's own. */
export const SCHEMAS: WireSchemas = {
  request: {
    type: "object",
    required: ["model", "url"],
    properties: {
      model: { type: "string", minLength: 1, description: "A name of GET /v1/models/web whose kind is `webFetch`." },
      url: { type: "string", format: "uri", description: "Of the public internet: http or https, ports 80 and 443, without a password." },
      format: { enum: ["markdown", "html", "text"], default: "markdown" },
    },
    additionalProperties: true,
  },
  answers: {
    "application/json": {
      type: "object",
      required: ["url", "title"],
      properties: {
        url: { type: "string", description: "Where it was found in the end." },
        title: { type: "string" },
        markdown: { type: "string", description: "The content stands under the name of its format." },
        html: { type: "string" },
        text: { type: "string" },
        links: URLS,
        images: URLS,
      },
    },
  },
};
