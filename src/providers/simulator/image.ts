import { imageTypeOf } from "../../bytes/image-type.ts";
import { writePng } from "../../bytes/png.ts";
import { Refusal, type SimulatedFile, type SimulatedOperation, type SimulatedWork } from "./operation.ts";
import { tokensOf } from "./tokens.ts";

/** What may be asked for; small ones first. */
export const IMAGE_SIZES = [
  "64x64",
  "256x256",
  "512x512",
  "1024x1024",
  "1024x1536",
  "1536x1024",
  "1024x1792",
  "1792x1024",
  "auto",
] as const;

/** The model that will not draw anything. */
const CENSOR = "censor";

const SIZE = "1024x1024";
const COUNT_MAX = 10;
/** A picture is so many tiles wide and high; the right half mirrors the left. */
const TILES = 8;

/** Images, as OpenAI answers them: patterns of four colours, the same for the same words. https://platform.openai.com/docs/api-reference/images */
export const imageGeneration: SimulatedOperation = {
  path: "/images/generations",
  perform: (body) => draw(body as Asked, "image_generation", seedOf(body as Asked)),
};

/** The same of images that are changed: what comes of it depends on their bytes as well. */
export const imageEdit: SimulatedOperation = {
  path: "/images/edits",
  perform: (body) => {
    const asked = body as Asked;
    return draw(asked, "image_edit", `${seedOf(asked)}${sourcesOf(asked)}`);
  },
};

/** Images that are made once more: what comes of it depends on their bytes alone. */
export const imageVariation: SimulatedOperation = {
  path: "/images/variations",
  perform: (body) => {
    const asked = { ...(body as Asked), stream: false };
    return draw({ ...asked, prompt: "a variation" }, "image_variation", sourcesOf(asked));
  },
};

/** What is read of a request: as JSON or as a form, so numbers may be texts. */
interface Asked {
  readonly model?: unknown;
  readonly prompt?: unknown;
  readonly n?: unknown;
  readonly size?: unknown;
  readonly stream?: unknown;
  readonly partial_images?: unknown;
  readonly image?: unknown;
  readonly images?: unknown;
}

function seedOf({ prompt }: Asked): string {
  if (typeof prompt === "string" && prompt !== "") return prompt;
  throw new Refusal(400, "Missing required parameter: 'prompt'.", { param: "prompt", code: "missing_required_parameter" });
}

/** What the images are, in a word; each has to be one. */
function sourcesOf({ image, images }: Asked): string {
  const given = image ?? images;
  const list = Array.isArray(given) ? given : given === undefined ? [] : [given];
  if (list.length === 0)
    throw new Refusal(400, "Missing required parameter: 'image'.", { param: "image", code: "missing_required_parameter" });
  return list.map((each) => Bun.hash.xxHash32(bytesOf(each)).toString(36)).join(" ");
}

function bytesOf(image: SimulatedFile | { readonly image_url?: string }): Uint8Array {
  if ("image_url" in image && typeof image.image_url === "string") return Buffer.from(image.image_url);
  if ("bytes" in image && imageTypeOf(image.bytes) !== undefined) return image.bytes;
  throw new Refusal(400, "Invalid image data.", { param: "image", code: "invalid_image_file" });
}

function draw(asked: Asked, event: string, seed: string): SimulatedWork {
  const { model, prompt } = asked;
  if (typeof model !== "string") throw new Refusal(400, "you must provide a model parameter");
  if (model === CENSOR)
    throw new Refusal(400, "Your request was rejected as a result of our safety system.", {
      type: "image_generation_user_error",
      code: "moderation_blocked",
    });
  const count = numberIn(asked, "n", 1, 1, COUNT_MAX);
  const size = sizeOf(asked.size);
  const images = Array.from({ length: count }, (_, index) => picture(size, `${seed} ${index}`).toBase64());
  const text = tokensOf(String(prompt)).length;
  const usage = {
    total_tokens: text + 100 * count,
    input_tokens: text,
    output_tokens: 100 * count,
    input_tokens_details: { text_tokens: text, image_tokens: 0 },
  };
  const about = { size, quality: "low", background: "opaque", output_format: "png" };
  if (asked.stream === true || asked.stream === "true")
    return streamed(event, images, numberIn(asked, "partial_images", 0, 0, 3), about, usage);
  const answer = { created: 0, data: images.map((b64_json) => ({ b64_json })), ...about, usage };
  return {
    type: "whole",
    contentType: "application/json",
    body: JSON.stringify(answer),
    hollow: JSON.stringify({ ...answer, data: [] }),
    events: count,
  };
}

/** What is unfinished looks as what is finished: only the order tells. */
function streamed(event: string, images: readonly string[], partial: number, about: object, usage: object): SimulatedWork {
  const write = (data: { readonly type: string }): string => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
  const events = images.flatMap((b64_json, place) => [
    ...Array.from({ length: partial }, (_, partial_image_index) => ({
      type: `${event}.partial_image`,
      b64_json,
      ...about,
      partial_image_index,
    })),
    { type: `${event}.completed`, b64_json, ...about, ...(place === images.length - 1 && { usage }) },
  ]);
  return {
    type: "stream",
    contentType: "text/event-stream; charset=utf-8",
    events: events.map((data) => ({ type: "content", text: write(data) })),
    errorEvent: (error) => `event: error\ndata: ${JSON.stringify({ type: "error", ...(error as object) })}\n\n`,
  };
}

function numberIn(asked: Asked, name: "n" | "partial_images", fallback: number, least: number, most: number): number {
  const value = asked[name] === undefined ? fallback : Number(asked[name]);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Refusal(400, `Invalid value for '${name}': expected an integer from ${least} to ${most}.`, { param: name });
}

function sizeOf(size: unknown = SIZE): string {
  if (size === "auto") return SIZE;
  if (IMAGE_SIZES.some((each) => each === size)) return String(size);
  const message = `Invalid value: '${String(size)}'. Supported values are: ${IMAGE_SIZES.map((each) => `'${each}'`).join(", ")}.`;
  throw new Refusal(400, message, { param: "size", code: "invalid_value" });
}

function picture(size: string, seed: string): Uint8Array {
  const [width = 64, height = 64] = size.split("x").map(Number);
  const random = (index: number): number => Bun.hash.xxHash32(`${index}`, Bun.hash.xxHash32(seed));
  const colours = Uint8Array.from({ length: 12 }, (_, index) => random(index) & 0xff);
  const tiles = Uint8Array.from({ length: (TILES * TILES) / 2 }, (_, index) => random(100 + index) & 3);
  return writePng(width, height, colours, (x, y) => {
    const column = Math.floor((x * TILES) / width);
    const row = Math.floor((y * TILES) / height);
    return tiles[row * (TILES / 2) + Math.min(column, TILES - 1 - column)]!; // Within the list.
  });
}
