import { OmniError } from "../ir/failure.ts";
import type { ImageRequest, ImageResult, ImageWork, MadeImage } from "../ir/image.ts";
import type { Loss } from "../ir/loss.ts";
import type { ModelSheet } from "../ir/model-sheet.ts";
import type { Tasks } from "../ir/operation.ts";
import type { Usage } from "../ir/usage.ts";
import { formatOf, inForm, orList } from "./image-files.ts";
import { failureOfRefusal, kindOfRefusal, readProviderError, statusWithin } from "./provider-error.ts";
import type { Performed, TaskContext, TaskUpstream } from "./task.ts";
import { leastTokens } from "./text-tokens.ts";

/** What a vendor's format does by itself: makes images, in whatever form it has them. */
export type MakeImages = (request: ImageRequest, context: TaskContext) => Promise<Performed<Tasks["image"]>>;

/** The provider's half of an image format: what is the same for all of them is done around what is the vendor's own. */
export function imageUpstream(make: MakeImages): TaskUpstream<Tasks["image"]> {
  return {
    async perform(request, context) {
      checkImages(request, context.sheet);
      const performed = await make(request, context);
      if (performed.type === "stream") return performed;
      const { images, about } = performed.result;
      if (images.length === 0) throw new OmniError("upstream_invalid", "Cannot use the provider's answer: there is no image in it.");
      const formed = await Promise.all(images.map((image) => inForm(image, request, context)));
      return { ...performed, result: { images: formed, about }, usage: performed.usage ?? usageOf(images.length) };
    },
  };
}

/** What is known of a usage whose tokens are not: how many images there are. */
export function usageOf(images: number): Usage {
  return { inputTokens: 0, inputTokensCached: 0, outputTokens: 0, reasoningTokens: 0, images };
}

/** What each kind of work is called where models are listed. */
const CAPABILITY: Readonly<Record<ImageWork, string>> = { generate: "generate", edit: "edit", vary: "vary" };

/** Holds a request against what the model can do. @throws {OmniError} Naming the field, and what may stand there. */
function checkImages(request: ImageRequest, sheet: ModelSheet): void {
  const { work, prompt, size, mask } = request;
  const { capabilities, sizes, inputCharactersMax, inputTokensMax } = sheet;
  if (capabilities !== undefined && !capabilities.includes(CAPABILITY[work]))
    throw unsupported(`Cannot ${work} with this model: it does ${orList(capabilities)}. GET /v1/models/image lists others.`, "model");
  if (mask !== undefined && capabilities !== undefined && !capabilities.includes("mask"))
    throw unsupported("Cannot use `mask`: this model changes an image as a whole. Leave it out, or ask another model.", "mask");
  if (size !== undefined && sizes !== undefined && !sizes.includes(size)) throw invalidSize(size, sizes);
  if (inputCharactersMax !== undefined && prompt.length > inputCharactersMax)
    throw tooLong(`${prompt.length} characters`, `${inputCharactersMax} characters`);
  if (inputTokensMax !== undefined) {
    const least = leastTokens(prompt);
    if (least > inputTokensMax) throw tooLong(`about ${least} tokens`, `${inputTokensMax} tokens`);
  }
  checkFiles(request, sheet);
}

function checkFiles({ sources, mask }: ImageRequest, { inputsMax, formats, fileBytesMax }: ModelSheet): void {
  if (inputsMax !== undefined && sources.length > inputsMax)
    throw unsupported(`Cannot take ${sources.length} images in \`image\`: this model takes ${inputsMax} at most.`, "image");
  for (const source of mask === undefined ? sources : [...sources, mask]) {
    if (source.type !== "bytes") continue;
    const { bytes, mediaType, param } = source;
    const format = formatOf(mediaType);
    if (fileBytesMax !== undefined && bytes.length > fileBytesMax)
      throw new OmniError(
        "file_too_large",
        `Cannot use the image in \`${param}\`: it has ${bytes.length} bytes, and this model takes ${fileBytesMax} at most.`,
        { param },
      );
    if (formats !== undefined && !formats.includes(format))
      throw new OmniError("invalid_file_format", `Cannot use the image in \`${param}\`: it is ${format}, and must be ${orList(formats)}.`, {
        param,
      });
  }
}

function unsupported(message: string, param: string): OmniError {
  return new OmniError("unsupported_by_model", message, { param });
}

function tooLong(length: string, most: string): OmniError {
  return new OmniError("input_too_long", `Cannot draw from \`prompt\`: it has ${length}, and this model takes ${most} at most.`, {
    param: "prompt",
  });
}

/** @param sizes Those that there are; empty if nobody knows. */
export function invalidSize(size: string, sizes: readonly string[]): OmniError {
  const ways = sizes.length > 0 ? `\`size\` of this model is ${orList(sizes)}` : "`size` must be a width and a height, such as 1024x1024";
  return new OmniError("invalid_size", `Cannot make an image of ${JSON.stringify(size.slice(0, 40))}: ${ways}.`, { param: "size" });
}

/** A size in numbers; undefined for `auto` and none. @throws {OmniError} `invalid_size`, if it is a size of another kind. */
export function pixelsOf(
  { size }: ImageRequest,
  { sizes = [] }: ModelSheet,
): { readonly width: number; readonly height: number } | undefined {
  if (size === undefined || size === "auto") return undefined;
  const [, width, height] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(size) ?? [];
  if (width === undefined || height === undefined)
    throw invalidSize(
      size,
      sizes.filter((each) => each.includes("x")),
    );
  return { width: Number(width), height: Number(height) };
}

/**
 * A size as the ratio of width and height that a vendor takes instead; undefined for `auto` and none.
 * @param ratios Those that it takes, such as `16:9`.
 * @throws {OmniError} `invalid_size`, if none of them comes within a twentieth of it.
 */
export function ratioOf(request: ImageRequest, sheet: ModelSheet, ratios: readonly string[]): string | undefined {
  const { size } = request;
  if (size === undefined || size === "auto") return undefined;
  if (ratios.includes(size)) return size;
  const pixels = pixelsOf(request, { sizes: sheet.sizes ?? ratios });
  if (pixels === undefined) return undefined;
  const distance = (ratio: string): number => {
    const [width = 1, height = 1] = ratio.split(":").map(Number);
    return Math.abs(Math.log((pixels.width * height) / (pixels.height * width)));
  };
  const nearest = ratios.reduce((best, ratio) => (distance(ratio) < distance(best) ? ratio : best));
  if (distance(nearest) > 0.05) throw invalidSize(size, sheet.sizes ?? ratios);
  return nearest;
}

/**
 * Has images made in as many calls as it takes, all under way at once.
 * @param most How many one call can make.
 */
export async function inCalls(
  { count }: ImageRequest,
  most: number,
  make: (
    count: number,
  ) => Promise<{ readonly images: readonly MadeImage[]; readonly usage?: Usage | undefined; readonly about?: ImageResult["about"] }>,
): Promise<{ readonly result: ImageResult; readonly usage: Usage | undefined }> {
  const calls: number[] = [];
  for (let left = count; left > 0; left -= most) calls.push(Math.min(left, most));
  const parts = await Promise.all(calls.map(make));
  const images = parts.flatMap((part) => part.images);
  return {
    result: { images, about: parts[0]?.about },
    usage: sum(
      parts.map(({ usage }) => usage),
      images.length,
    ),
  };
}

/** What one call does not say is not known of all of them. */
function sum(usages: readonly (Usage | undefined)[], images: number): Usage | undefined {
  let total = usageOf(images);
  for (const usage of usages) {
    if (usage === undefined) return undefined;
    total = {
      ...total,
      inputTokens: total.inputTokens + usage.inputTokens,
      inputTokensCached: total.inputTokensCached + usage.inputTokensCached,
      outputTokens: total.outputTokens + usage.outputTokens,
      reasoningTokens: total.reasoningTokens + usage.reasoningTokens,
    };
  }
  return total;
}

/** What may be asked of an image that not every vendor has a word for, and how clients call it. */
const SETTINGS = {
  quality: "quality",
  style: "style",
  background: "background",
  format: "output_format",
  compression: "output_compression",
  moderation: "moderation",
  seed: "seed",
  negativePrompt: "negative_prompt",
} as const;

/** Notes what a request says and a vendor's format has no place for. @param carried What it has. */
export function lossesOf(request: ImageRequest, carried: readonly (keyof typeof SETTINGS | "rest")[]): readonly Loss[] {
  const lost: Loss[] = [];
  const why = "The provider has no such setting.";
  for (const [key, what] of Object.entries(SETTINGS) as [keyof typeof SETTINGS, string][])
    if (request[key] !== undefined && request[key] !== "auto" && !carried.includes(key))
      lost.push({ path: key, what, why, weight: "setting" });
  if (!carried.includes("rest"))
    for (const what of Object.keys(request.rest ?? {})) lost.push({ path: `rest.${what}`, what, why, weight: "setting" });
  return lost;
}

/** How vendors say that they will not draw this: OpenAI, Azure, xAI, Google, Black Forest Labs, Stability, FAL and others. */
const POLICY =
  /content[_ -]?policy|content[_ -]?(?:was )?(?:filter|moderat)|moderation[_ ]?blocked|request[_ ]moderated|safety (?:system|filter|policy)|responsible ?ai|nsfw|prohibited[_ ]?content|violat\w+ (?:our|the|google's|usage|content|.{0,30}polic)|sensitive (?:content|words)/i;

/** As `failureOfRefusal`, and knows what is said of images: that they would break the provider's rules, or that there is no such size. */
export function imageRefusal(status: number, headers: { get(name: string): string | null }, body: Uint8Array, epochMs: number): OmniError {
  const error = readProviderError(body);
  const kind = kindOfRefusal(status, error);
  const message = error?.message?.slice(0, 2000);
  if (kind === "upstream_rejected" || status === 403) {
    const names = error?.names.join(" ") ?? "";
    if (POLICY.test(names) || (message !== undefined && POLICY.test(message))) return policyViolation(message);
    if (error?.param === "size" && message !== undefined) return new OmniError("invalid_size", message, { param: "size" });
  }
  return failureOfRefusal(status, headers, body, epochMs);
}

/** As `failureWithin`, for an error that stands inside a 2xx answer. */
export function imageFailureWithin(body: Uint8Array): OmniError {
  const error = readProviderError(body);
  return imageRefusal(error === undefined ? 502 : statusWithin(error), { get: () => null }, body, 0);
}

/** @param said The provider's own words, if it has any that people can read. */
export function policyViolation(said?: string): OmniError {
  return new OmniError(
    "content_policy_violation",
    said ?? "The provider will not make this image: it breaks the rules that it has for content.",
  );
}

/**
 * Asks after a job until it is done.
 * @param ask undefined while it is under way.
 */
export async function until<T>(context: TaskContext, ask: () => Promise<T | undefined>): Promise<T> {
  for (let waitMs = POLL_MS_FIRST; ; waitMs = Math.min(waitMs * 1.5, POLL_MS_MAX)) {
    await context.pause(waitMs);
    const done = await ask();
    if (done !== undefined) return done;
  }
}

const POLL_MS_FIRST = 500;
const POLL_MS_MAX = 3000;
