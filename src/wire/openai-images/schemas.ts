import type { WireSchemas } from "../wire.ts";

const MODEL = { type: "string", minLength: 1, description: "A name of GET /v1/models/image." };
const PROMPT = { type: "string", pattern: "\\S", description: "What shall be seen." };
const IMAGE_URL = {
  type: "string",
  pattern: "^(https?://|data:image/\\w+;base64,)",
  description: "An https: URL, or a data: URL of base64.",
};
const IMAGE = {
  anyOf: [
    { type: "object", required: ["image_url"], properties: { image_url: IMAGE_URL } },
    { type: "object", required: ["file_id"], properties: { file_id: { type: "string", minLength: 1 } } },
  ],
};
const FILE = { type: "string", contentMediaType: "application/octet-stream", description: "PNG, JPEG, WebP or GIF, told by its content." };

const SETTINGS = {
  n: { type: "integer", minimum: 1, maximum: 10, default: 1 },
  size: { type: "string", description: "One of the model's `sizes`, which GET /v1/models/image lists." },
  response_format: { enum: ["url", "b64_json"], description: "Default: as the provider has it." },
};
const LOOK = {
  quality: { type: "string" },
  background: { type: "string", description: "`transparent`, `opaque` or `auto`." },
  output_format: { enum: ["png", "jpeg", "webp"] },
  output_compression: { type: "integer", minimum: 0, maximum: 100 },
  stream: { type: "boolean", default: false },
  partial_images: { type: "integer", minimum: 0, maximum: 3, description: "Unfinished images that a stream shows." },
};

const ANSWER = {
  type: "object",
  required: ["created", "data"],
  properties: {
    created: { type: "integer" },
    data: {
      type: "array",
      items: { type: "object", properties: { url: { type: "string" }, b64_json: { type: "string" }, revised_prompt: { type: "string" } } },
    },
    usage: { type: "object", additionalProperties: true },
  },
  additionalProperties: true,
};

/** https://platform.openai.com/docs/api-reference/images/create */
export const GENERATION_SCHEMAS: WireSchemas = {
  request: {
    type: "object",
    required: ["model", "prompt"],
    properties: {
      model: MODEL,
      prompt: PROMPT,
      ...SETTINGS,
      ...LOOK,
      style: { type: "string" },
      moderation: { type: "string", description: "`low` or `auto`." },
      seed: { type: "integer", minimum: 0 },
      negative_prompt: { type: "string" },
    },
    additionalProperties: true,
  },
  answers: { "application/json": ANSWER, "text/event-stream": { type: "string" } },
};

/** https://platform.openai.com/docs/api-reference/images/createEdit */
export const EDIT_SCHEMAS: WireSchemas = {
  request: {
    type: "object",
    required: ["model", "prompt", "images"],
    properties: {
      model: MODEL,
      prompt: PROMPT,
      images: { type: "array", minItems: 1, maxItems: 16, items: IMAGE },
      mask: IMAGE,
      ...SETTINGS,
      ...LOOK,
    },
    additionalProperties: true,
  },
  answers: { "application/json": ANSWER, "text/event-stream": { type: "string" } },
};

/** https://platform.openai.com/docs/api-reference/images/createVariation */
export const VARIATION_SCHEMAS: WireSchemas = {
  request: {
    type: "object",
    required: ["model", "image"],
    properties: { model: MODEL, image: FILE, ...SETTINGS },
    additionalProperties: true,
  },
  answers: { "application/json": ANSWER },
};
