import { OmniError } from "../../ir/failure.ts";
import type { ImageFormat, ImageRequest, ImageWork, SourceImage } from "../../ir/image.ts";
import type { JsonObject } from "../../ir/json.ts";
import { Fields } from "../fields.ts";
import { Form } from "../form.ts";
import { orList, sourceOfBytes, sourceOfImageUrl } from "../image-files.ts";
import { parseRequest } from "../read-json.ts";
import type { RequestHead } from "../wire.ts";

/** Settings that all three kinds of work share, by their names here. */
const KNOWN: ReadonlySet<string> = new Set([
  "model",
  "prompt",
  "n",
  "size",
  "quality",
  "style",
  "background",
  "output_format",
  "output_compression",
  "moderation",
  "seed",
  "negative_prompt",
  "response_format",
  "stream",
  "partial_images",
]);
const KNOWN_OF_EDITS: ReadonlySet<string> = new Set([...KNOWN, "image", "images", "image_url", "mask"]);

const FORMATS = ["png", "jpeg", "webp"] as const;
/** As many as OpenAI makes. */
const COUNT_MAX = 10;
const PARTIAL_MAX = 3;
/** As many as OpenAI takes. */
const SOURCES_MAX = 16;

/** What can be read of a JSON body and of a form alike. */
interface Reader {
  stringMaybe(name: string): string | undefined;
  numberMaybe(name: string): number | undefined;
  rest(known: ReadonlySet<string>): JsonObject | undefined;
}

/** @throws {OmniError} `invalid_request` or a more telling kind, naming the field. */
export function decodeGeneration(body: Uint8Array): ImageRequest {
  const fields = Fields.of(parseRequest(body), "", "invalid_request");
  return { ...settingsOf(fields, "generate", KNOWN), prompt: promptOf(fields), sources: [], mask: undefined };
}

/** Edits come as forms, or as JSON that names its images by URL. */
export function decodeEdit(body: Uint8Array, contentType: string | null): ImageRequest {
  if (isForm(contentType)) {
    const form = Form.of(body, contentType);
    const [mask, second] = form.files("mask").map(({ bytes, filename }) => sourceOfBytes(bytes, filename, "mask"));
    if (second !== undefined) throw invalid("mask", "comes more than once");
    return { ...settingsOf(readerOf(form), "edit", KNOWN_OF_EDITS), prompt: promptOf(readerOf(form)), sources: filesOf(form), mask };
  }
  const fields = Fields.of(parseRequest(body), "", "invalid_request");
  const mask = fields.has("mask") ? namedSource(fields.json["mask"], "mask") : undefined;
  return { ...settingsOf(fields, "edit", KNOWN_OF_EDITS), prompt: promptOf(fields), sources: namedSources(fields), mask };
}

/** Variations are forms, and have no prompt. */
export function decodeVariation(body: Uint8Array, contentType: string | null): ImageRequest {
  const form = Form.of(body, contentType);
  return {
    ...settingsOf(readerOf(form), "vary", KNOWN_OF_EDITS),
    prompt: form.textMaybe("prompt") ?? "",
    sources: filesOf(form),
    mask: undefined,
  };
}

function readerOf(form: Form): Reader {
  return {
    stringMaybe: (name) => form.textMaybe(name),
    numberMaybe: (name) => form.numberMaybe(name),
    rest: (known) => {
      const rest = form.rest(known).filter(([name]) => name !== "__proto__");
      return rest.length === 0 ? undefined : Object.fromEntries(rest);
    },
  };
}

/** What has to be known of a form before it is routed. @throws {OmniError} `invalid_model` or `invalid_request`. */
export function readFormHead(body: Uint8Array, contentType: string | null | undefined): RequestHead {
  const form = Form.of(body, contentType ?? null);
  const { start, end } = form.model();
  const stream = form.booleanMaybe("stream") ?? false;
  return { modelBytes: body, modelStart: start, modelEnd: end, valueStart: -1, valueEnd: -1, stream };
}

/** Whether a body is a form, by its content type. */
export function isForm(contentType: string | null | undefined): boolean {
  return /^multipart\//i.test(contentType ?? "");
}

function settingsOf(reader: Reader, work: ImageWork, known: ReadonlySet<string>): Omit<ImageRequest, "prompt" | "sources" | "mask"> {
  return {
    work,
    count: wholeMaybe(reader, "n", 1, COUNT_MAX) ?? 1,
    size: reader.stringMaybe("size"),
    quality: reader.stringMaybe("quality"),
    style: reader.stringMaybe("style"),
    background: reader.stringMaybe("background"),
    format: formatOf(reader),
    compression: wholeMaybe(reader, "output_compression", 0, 100),
    moderation: reader.stringMaybe("moderation"),
    seed: wholeMaybe(reader, "seed", 0, Number.MAX_SAFE_INTEGER),
    negativePrompt: reader.stringMaybe("negative_prompt"),
    answerAs: answerAsOf(reader),
    partialImages: wholeMaybe(reader, "partial_images", 0, PARTIAL_MAX),
    rest: reader.rest(known),
  };
}

function promptOf(reader: Reader): string {
  const prompt = reader.stringMaybe("prompt") ?? "";
  if (prompt.trim() === "") throw invalid("prompt", "is missing or empty: say what is to be seen");
  return prompt;
}

function wholeMaybe(reader: Reader, name: string, least: number, most: number): number | undefined {
  const value = reader.numberMaybe(name);
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return value;
  throw invalid(name, `must be a whole number from ${least} to ${most}`);
}

function formatOf(reader: Reader): ImageFormat | undefined {
  const format = reader.stringMaybe("output_format");
  if (format === undefined) return undefined;
  const known = FORMATS.find((each) => each === format);
  if (known === undefined) throw invalid("output_format", `must be ${orList(FORMATS)}`);
  return known;
}

function answerAsOf(reader: Reader): ImageRequest["answerAs"] {
  const form = reader.stringMaybe("response_format");
  if (form === undefined) return undefined;
  if (form === "b64_json") return "base64";
  if (form === "url") return "url";
  throw invalid("response_format", "must be url or b64_json");
}

function filesOf(form: Form): readonly SourceImage[] {
  return counted(form.files("image").map(({ bytes, filename }) => sourceOfBytes(bytes, filename, "image")));
}

/** `images` as OpenAI has it, `image` as xAI and others, one or more, each a URL or an object that holds one. */
function namedSources(fields: Fields): readonly SourceImage[] {
  const key = ["images", "image", "image_url"].find((each) => fields.has(each)) ?? "image";
  const given = fields.json[key] ?? [];
  const list = Array.isArray(given) ? given : [given];
  return counted(list.map((each, index) => namedSource(each, Array.isArray(given) ? `${key}[${index}]` : key)));
}

function namedSource(value: unknown, param: string): SourceImage {
  if (typeof value === "string") return sourceOfImageUrl(value, param);
  const fields = Fields.of(value, param, "invalid_request");
  const fileId = fields.stringMaybe("file_id");
  if (fileId !== undefined) return { type: "file", id: fileId, param };
  const key = fields.has("url") ? "url" : "image_url";
  return sourceOfImageUrl(fields.string(key), fields.at(key));
}

function counted(sources: readonly SourceImage[]): readonly SourceImage[] {
  if (sources.length === 0) throw invalid("image", "is missing: send the image that this is about");
  if (sources.length > SOURCES_MAX) throw invalid("image", `comes ${sources.length} times; ${SOURCES_MAX} are taken at most`);
  return sources;
}

function invalid(param: string, what: string): OmniError {
  return new OmniError("invalid_request", `Cannot make an image: \`${param}\` ${what}.`, { param });
}
