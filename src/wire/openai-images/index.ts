import { imageRefusal, imageUpstream } from "../image-task.ts";
import { OPENAI_REQUEST_HEADERS, OPENAI_RESPONSE_HEADERS } from "../openai-chat/index.ts";
import { readBodyHead } from "../openai-chat/head.ts";
import { taskWire } from "../task-wire.ts";
import type { Wire } from "../wire.ts";
import { encodeResult, ImageStreamEncoder, unfold } from "./answer.ts";
import { EDIT_SCHEMAS, GENERATION_SCHEMAS, VARIATION_SCHEMAS } from "./schemas.ts";
import { makeImages, type OpenaiImagesDialect } from "./provider.ts";
import { decodeEdit, decodeGeneration, decodeVariation, isForm, readFormHead } from "./request.ts";

export type { OpenaiImagesDialect } from "./provider.ts";

const answers = {
  encodeResult,
  unfold,
  encodeStream: (...[request, context]: ConstructorParameters<typeof ImageStreamEncoder>) => new ImageStreamEncoder(request, context),
};

/** OpenAI's images, which many providers speak. https://platform.openai.com/docs/api-reference/images */
export const openaiImages: Wire<OpenaiImagesDialect> = taskWire<"image", OpenaiImagesDialect>({
  name: "openai-images",
  operation: "image",
  client: {
    paths: ["/images/generations"],
    schemas: GENERATION_SCHEMAS,
    sample: { model: "simulator/painter", prompt: "a red bicycle on a wet street", size: "512x512", response_format: "b64_json" },
    codec: { decodeRequest: decodeGeneration, ...answers },
  },
  provider: (departures) => ({
    requestHeaders: OPENAI_REQUEST_HEADERS,
    responseHeaders: OPENAI_RESPONSE_HEADERS,
    decodeRefusal: imageRefusal,
    codec: imageUpstream((request, context) => makeImages(request, context, departures)),
  }),
});

/** A pixel. */
const PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** The same for images that are to be changed. Any provider's half of the above does it. */
export const openaiImageEdits: Wire = taskWire<"image">({
  name: "openai-image-edits",
  operation: "image",
  client: {
    paths: ["/images/edits"],
    schemas: EDIT_SCHEMAS,
    takes: "json-or-form",
    sample: { model: "simulator/painter", prompt: "paint it blue", images: [{ image_url: PIXEL }], response_format: "b64_json" },
    readHead: (body, _rest, _query, contentType) => (isForm(contentType) ? readFormHead(body, contentType) : readBodyHead(body, false)),
    codec: { decodeRequest: decodeEdit, ...answers },
  },
});

/** The same for images that are to be made once more, a little otherwise. */
export const openaiImageVariations: Wire = taskWire<"image">({
  name: "openai-image-variations",
  operation: "image",
  client: {
    paths: ["/images/variations"],
    schemas: VARIATION_SCHEMAS,
    takes: "form",
    // The format has no streams of these.
    readHead: (body, _rest, _query, contentType) => ({ ...readFormHead(body, contentType), stream: false }),
    codec: { decodeRequest: decodeVariation, encodeResult },
  },
});
