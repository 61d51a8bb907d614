import { OmniError } from "../../ir/failure.ts";
import type { ImageRequest, ImageResult, MadeImage } from "../../ir/image.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import type { Tasks } from "../../ir/operation.ts";
import type { Usage } from "../../ir/usage.ts";
import { Fields } from "../fields.ts";
import { bytesOf } from "../image-files.ts";
import { imageRefusal, imageUpstream, inCalls, lossesOf, policyViolation, ratioOf } from "../image-task.ts";
import type { Performed, TaskContext } from "../task.ts";
import { jsonBody, readJson } from "../task-json.ts";
import { taskWire } from "../task-wire.ts";
import type { Wire } from "../wire.ts";

/** https://ai.google.dev/gemini-api/docs/image-generation#aspect_ratios */
const RATIOS = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"];
/** https://ai.google.dev/gemini-api/docs/imagen#imagen-configuration */
const IMAGEN_RATIOS = ["1:1", "3:4", "4:3", "9:16", "16:9"];
const IMAGEN_IMAGES_MAX = 4;
/** Why Gemini stops when it will not draw this. https://ai.google.dev/api/generate-content#FinishReason */
const REFUSED: ReadonlySet<string> = new Set([
  "SAFETY",
  "PROHIBITED_CONTENT",
  "BLOCKLIST",
  "SPII",
  "IMAGE_SAFETY",
  "IMAGE_PROHIBITED_CONTENT",
  "RECITATION",
]);

/**
 * Google's images, which two kinds of models make: Gemini's own, which answer a conversation, one image at a time, and Imagen, which predicts.
 * https://ai.google.dev/gemini-api/docs/image-generation https://ai.google.dev/gemini-api/docs/imagen
 */
export const geminiImage: Wire = taskWire<"image">({
  name: "gemini-image",
  operation: "image",
  provider: () => ({
    decodeRefusal: imageRefusal,
    codec: imageUpstream((request, context) =>
      context.model.startsWith("imagen") ? predict(request, context) : generate(request, context),
    ),
  }),
});

/** What one call gave. */
type Made = ImageResult & { readonly usage: Usage | undefined };

async function generate(request: ImageRequest, context: TaskContext): Promise<Performed<Tasks["image"]>> {
  if (request.work === "vary" || request.mask !== undefined) throw unsupported(request);
  const sources = await Promise.all(request.sources.map((source) => bytesOf(source, context)));
  const images = sources.map(({ mediaType, bytes }) => ({ inlineData: { mimeType: mediaType, data: bytes.toBase64() } }));
  const ratio = ratioOf(request, context.sheet, RATIOS);
  const body = {
    contents: [{ role: "user", parts: [{ text: request.prompt }, ...images] }],
    generationConfig: {
      responseModalities: ["TEXT", "IMAGE"],
      ...(ratio !== undefined && { imageConfig: { aspectRatio: ratio } }),
      ...(request.seed !== undefined && { seed: request.seed }),
    },
  };
  const made = await inCalls(request, 1, async () => decodeGenerated(await post("generateContent", body, context)));
  return { type: "whole", ...made, losses: lossesOf(request, ["seed"]) };
}

async function predict(request: ImageRequest, context: TaskContext): Promise<Performed<Tasks["image"]>> {
  if (request.work !== "generate") throw unsupported(request);
  const ratio = ratioOf(request, context.sheet, IMAGEN_RATIOS);
  const made = await inCalls(request, IMAGEN_IMAGES_MAX, async (sampleCount) => {
    const parameters = { sampleCount, ...(ratio !== undefined && { aspectRatio: ratio }) };
    return decodePredicted(await post("predict", { instances: [{ prompt: request.prompt }], parameters }, context));
  });
  return { type: "whole", ...made, losses: lossesOf(request, []) };
}

function unsupported({ mask, work }: ImageRequest): OmniError {
  const [what, param] = mask === undefined ? [`${work} an image`, "model"] : ["change a part of an image by a mask", "mask"];
  return new OmniError("unsupported_by_model", `Cannot ${what} with this model. GET /v1/models/image lists others.`, { param });
}

async function post(method: string, body: JsonObject, { call, model }: TaskContext): Promise<Json> {
  return readJson(await call({ path: `/models/${encodeURIComponent(model)}:${method}`, body: jsonBody(body) }));
}

/** @throws {OmniError} `content_policy_violation`, if Gemini stopped for that; the answer's status is good then. */
function decodeGenerated(json: Json): Made {
  const answer = Fields.of(json, "", "upstream_invalid");
  const candidates = answer.objectsMaybe("candidates") ?? [];
  const parts = candidates.flatMap((candidate) => candidate.objectMaybe("content")?.objectsMaybe("parts") ?? []);
  const images = parts.flatMap((part): MadeImage[] => {
    const data = part.booleanMaybe("thought") ? undefined : part.objectMaybe("inlineData")?.stringMaybe("data");
    return data === undefined ? [] : [{ source: { base64: data }, revisedPrompt: undefined }];
  });
  if (images.length > 0) return { images, usage: readUsage(answer.objectMaybe("usageMetadata"), images.length) };
  const stop = candidates[0]?.stringMaybe("finishReason") ?? answer.objectMaybe("promptFeedback")?.stringMaybe("blockReason");
  if (stop !== undefined && REFUSED.has(stop)) throw policyViolation(candidates[0]?.stringMaybe("finishMessage"));
  throw noImage();
}

function decodePredicted(json: Json): Made {
  const rows = Fields.of(json, "", "upstream_invalid").objectsMaybe("predictions") ?? [];
  const images = rows.flatMap((row): MadeImage[] => {
    const base64 = row.stringMaybe("bytesBase64Encoded");
    return base64 === undefined ? [] : [{ source: { base64 }, revisedPrompt: row.stringMaybe("prompt") }];
  });
  // What is filtered out is left out, and all of it may be.
  if (images.length === 0) throw rows.some((row) => row.has("raiFilteredReason")) || rows.length === 0 ? policyViolation() : noImage();
  return { images, usage: undefined };
}

function noImage(): OmniError {
  return new OmniError("upstream_invalid", "Cannot use the provider's answer: there is no image in it.");
}

function readUsage(usage: Fields | undefined, images: number): Usage | undefined {
  if (usage === undefined) return undefined;
  return {
    inputTokens: usage.numberMaybe("promptTokenCount") ?? 0,
    inputTokensCached: 0,
    outputTokens: usage.numberMaybe("candidatesTokenCount") ?? 0,
    reasoningTokens: usage.numberMaybe("thoughtsTokenCount") ?? 0,
    images,
  };
}
