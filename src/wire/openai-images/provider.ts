import type { NewFormPart } from "../../bytes/multipart.ts";
import { writeForm } from "../../bytes/multipart.ts";
import { OmniError } from "../../ir/failure.ts";
import type { ImageRequest, ImageResult, ImageWork, MadeImage } from "../../ir/image.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import type { Loss } from "../../ir/loss.ts";
import type { Tasks } from "../../ir/operation.ts";
import type { Usage } from "../../ir/usage.ts";
import { Fields } from "../fields.ts";
import { bytesOf, urlOf } from "../image-files.ts";
import { imageFailureWithin, inCalls, lossesOf, pixelsOf, policyViolation, ratioOf } from "../image-task.ts";
import { jsonBody, readJson } from "../task-json.ts";
import type { Performed, TaskCall, TaskContext } from "../task.ts";
import { ImageStreamDecoder } from "./stream.ts";
import { aboutOf, readUsage } from "./usage.ts";

/** Where providers that speak this format depart from OpenAI. */
export interface OpenaiImagesDialect {
  /** Below the base URL. Default: OpenAI's, such as `/images/generations`. A kind of work without a path is not done. */
  readonly paths: Partial<Readonly<Record<ImageWork, string>>>;
  /** How edits are sent. `form`: as files. `json`: as OpenAI's newer way, a list `images` of objects. Default `form`, and `json` where files are only named by URL. */
  readonly edits: "form" | "json";
  /** What holds a URL in such a list. Default `image_url`. */
  readonly editsUrlField: string;
  /** How a size is said. Default `size`; `pixels`: as `width` and `height`; else as the nearest of these ratios, in the field `aspect_ratio`. */
  readonly size: "size" | "pixels" | readonly string[];
  /** What they call base64 in `response_format`. Default `b64_json`. */
  readonly base64: string;
  /** Settings that they know besides the prompt, `n` and the size. Default: all; what is not among them is a loss. */
  readonly settings: Parameters<typeof lossesOf>[1];
  /** What their models draw in one call, if the sheet does not say. Default 10. */
  readonly imagesMax: number;
}

type Dialect = Partial<OpenaiImagesDialect>;

const PATHS: Readonly<Record<ImageWork, string>> = { generate: "/images/generations", edit: "/images/edits", vary: "/images/variations" };
const ALL: OpenaiImagesDialect["settings"] = [
  "quality",
  "style",
  "background",
  "format",
  "compression",
  "moderation",
  "seed",
  "negativePrompt",
  "rest",
];

/** OpenAI's newer models answer in base64 alone, and refuse to be asked how. */
const BASE64_ONLY = /^(?:chatgpt|gpt)-image\b/;

/** Has images made. */
export async function makeImages(request: ImageRequest, context: TaskContext, dialect: Dialect): Promise<Performed<Tasks["image"]>> {
  const path = (dialect.paths ?? PATHS)[request.work];
  if (path === undefined)
    throw new OmniError("unsupported_by_model", `Cannot ${request.work} at this provider: it only draws from texts.`, { param: "model" });
  const losses = lossesOf(request, dialect.settings ?? ALL);
  const { sheet, model } = context;
  const most = sheet.imagesMax ?? dialect.imagesMax ?? 10;
  if (context.stream && streams(request, context, most)) return stream(request, context, dialect, path, losses);
  const asksForm = !BASE64_ONLY.test(model);
  const made = await inCalls(request, most, (count) => makeSome({ ...request, count }, context, dialect, path, asksForm));
  return { type: "whole", ...made, losses };
}

function streams({ work, count }: ImageRequest, { sheet: { capabilities } }: TaskContext, most: number): boolean {
  return work !== "vary" && count <= most && (capabilities?.includes("stream") ?? true);
}

async function stream(
  request: ImageRequest,
  context: TaskContext,
  dialect: Dialect,
  path: string,
  losses: readonly Loss[],
): Promise<Performed<Tasks["image"]>> {
  const response = await context.call({ ...(await callOf(request, context, dialect, path, false)), accept: "text/event-stream" });
  if (/^text\/event-stream/i.test(response.headers.get("content-type") ?? ""))
    return { type: "stream", response, decoder: new ImageStreamDecoder(request.count) };
  // Some servers do not know streams, and answer as if nobody had asked for one.
  const { images, about, usage } = decodeAnswer(await readJson(response));
  return { type: "whole", result: { images, about }, usage, losses };
}

/** @param asksForm Whether to say in what form images are wanted. */
async function makeSome(
  request: ImageRequest,
  context: TaskContext,
  dialect: Dialect,
  path: string,
  asksForm: boolean,
): Promise<ImageResult & { readonly usage: Usage }> {
  const plain = { ...context, stream: false };
  try {
    return decodeAnswer(await readJson(await context.call(await callOf(request, plain, dialect, path, asksForm))));
  } catch (error) {
    // A model by another name, as Azure's are, may be one of those that refuse to be asked. Nothing was done then.
    const refused = error instanceof OmniError && error.kind === "upstream_rejected" && error.param === "response_format";
    if (!refused || !asksForm || request.answerAs === undefined) throw error;
    return decodeAnswer(await readJson(await context.call(await callOf(request, plain, dialect, path, false))));
  }
}

/** One request, as JSON or as a form. */
async function callOf(request: ImageRequest, context: TaskContext, dialect: Dialect, path: string, asksForm: boolean): Promise<TaskCall> {
  const fields: JsonObject = {
    ...restOf(request, dialect),
    model: context.model,
    ...(request.prompt !== "" && { prompt: request.prompt }),
    ...settingsOf(request, context, dialect),
    ...(asksForm &&
      request.answerAs !== undefined && { response_format: request.answerAs === "url" ? "url" : (dialect.base64 ?? "b64_json") }),
    ...(context.stream && { stream: true, ...(request.partialImages !== undefined && { partial_images: request.partialImages }) }),
  };
  if (request.work === "generate") return { path, body: jsonBody(fields) };
  const named = request.sources.some(({ type }) => type !== "bytes") || (request.mask !== undefined && request.mask.type !== "bytes");
  const asJson = dialect.edits === "json" || (dialect.edits === undefined && named && request.work === "edit");
  return asJson ? jsonEdit(request, context, dialect, path, fields) : formOf(request, context, path, fields);
}

function restOf({ rest }: ImageRequest, { settings = ALL }: Dialect): JsonObject | undefined {
  return settings.includes("rest") ? rest : undefined;
}

function settingsOf(request: ImageRequest, { sheet }: TaskContext, { settings = ALL, size = "size" }: Dialect): JsonObject {
  const known: JsonObject = {
    quality: settings.includes("quality") ? request.quality : undefined,
    style: settings.includes("style") ? request.style : undefined,
    background: settings.includes("background") ? request.background : undefined,
    output_format: settings.includes("format") ? request.format : undefined,
    output_compression: settings.includes("compression") ? request.compression : undefined,
    moderation: settings.includes("moderation") ? request.moderation : undefined,
    seed: settings.includes("seed") ? request.seed : undefined,
    negative_prompt: settings.includes("negativePrompt") ? request.negativePrompt : undefined,
  };
  const said = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  return { ...(request.count > 1 && { n: request.count }), ...said, ...sizeOf(request, sheet, size) };
}

function sizeOf(request: ImageRequest, sheet: TaskContext["sheet"], way: OpenaiImagesDialect["size"]): JsonObject {
  if (way === "size") return request.size === undefined ? {} : { size: request.size };
  if (way === "pixels") return { ...pixelsOf(request, sheet) };
  const ratio = ratioOf(request, sheet, way);
  return ratio === undefined ? {} : { aspect_ratio: ratio };
}

async function jsonEdit(
  request: ImageRequest,
  context: TaskContext,
  dialect: Dialect,
  path: string,
  fields: JsonObject,
): Promise<TaskCall> {
  const { editsUrlField = "image_url" } = dialect;
  const reference = async (source: ImageRequest["sources"][number]): Promise<Json> => {
    if (source.type === "file" && editsUrlField === "image_url") return { file_id: source.id };
    const url = await urlOf(source, context);
    return editsUrlField === "image_url" ? { image_url: url } : { type: "image_url", [editsUrlField]: url };
  };
  const images = await Promise.all(request.sources.map(reference));
  const mask = request.mask === undefined ? {} : { mask: await reference(request.mask) };
  return { path, body: jsonBody({ ...fields, images, ...mask }) };
}

/** The client's own bytes, under their names, with the types that they really are of. */
async function formOf(request: ImageRequest, context: TaskContext, path: string, fields: JsonObject): Promise<TaskCall> {
  const sources = await Promise.all(request.sources.map((source) => bytesOf(source, context)));
  const name = sources.length > 1 ? "image[]" : "image";
  const parts: NewFormPart[] = Object.entries(fields).flatMap(([key, value]) => textParts(key, value ?? null));
  for (const { bytes, filename, mediaType } of sources) parts.push({ name, content: bytes, filename, contentType: mediaType });
  if (request.mask !== undefined) {
    const { bytes, filename, mediaType } = await bytesOf(request.mask, context);
    parts.push({ name: "mask", content: bytes, filename, contentType: mediaType });
  }
  // An exchange's id is made by chance, so no client could have put it into its image.
  return { path, ...writeForm(parts, `omni-${context.requestId}`) };
}

function textParts(name: string, value: Json): NewFormPart[] {
  if (Array.isArray(value)) return value.flatMap((each) => textParts(`${name}[]`, each));
  return [{ name, content: typeof value === "string" ? value : JSON.stringify(value) }];
}

/** @throws {OmniError} `upstream_invalid`, unless there are images; what an error inside the answer means. */
export function decodeAnswer(json: Json): ImageResult & { readonly usage: Usage } {
  const answer = Fields.of(json, "", "upstream_invalid");
  if (answer.has("error") && !answer.has("data")) throw imageFailureWithin(jsonBody(json));
  const images = answer.objects("data").map(readImage);
  if (images.length === 0) throw answer.wrong("data", "a list with an image in it");
  return { images, about: aboutOf(answer), usage: readUsage(answer.objectMaybe("usage"), images.length) };
}

function readImage(row: Fields): MadeImage {
  const revisedPrompt = row.stringMaybe("revised_prompt");
  const base64 = row.stringMaybe("b64_json");
  if (base64 !== undefined && base64 !== "") return { source: { base64 }, revisedPrompt };
  const url = row.stringMaybe("url");
  if (url !== undefined && url !== "") return { source: { url }, revisedPrompt };
  // xAI says of an image that it held back that there is none.
  if (row.booleanMaybe("respect_moderation") === false) throw policyViolation();
  throw row.wrong("url", "a URL, or `b64_json` an image");
}
