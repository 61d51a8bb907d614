import { imageTypeOf } from "../bytes/image-type.ts";
import type { ImageRequest, MadeImage, SourceImage } from "../ir/image.ts";
import { OmniError } from "../ir/failure.ts";
import { FetchError } from "../world/guarded/fetch-fault.ts";
import type { TaskContext } from "./task.ts";

/** The largest image that is fetched, where the model's sheet does not say. 50 MiB, as OpenAI takes. */
const IMAGE_BYTES_MAX = 50 * 1024 * 1024;

/** The bytes of an image that a client gave. */
export type ImageBytes = SourceImage & { readonly type: "bytes" };

/** What formats can be read, by media types; what else comes is refused before it is sent. */
const READABLE: readonly string[] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/**
 * Looks at an image that came as bytes.
 * @param param The field, for errors.
 * @throws {OmniError} `invalid_file_format`, by what it is and not by how it is called.
 */
export function sourceOfBytes(bytes: Uint8Array, filename: string, param: string): ImageBytes {
  const mediaType = imageTypeOf(bytes);
  if (mediaType !== undefined) return { type: "bytes", bytes, mediaType, filename: filename || `image.${mediaType.slice(6)}`, param };
  const what = bytes.length === 0 ? "it is empty" : "its first bytes are those of none";
  throw new OmniError(
    "invalid_file_format",
    `Cannot read the image in \`${param}\`: ${what}. It must be ${orList(READABLE.map(formatOf))}.`,
    { param },
  );
}

/** Reads an image that is named by URL; a `data:` URL holds it. @throws {OmniError} `invalid_url` or `invalid_file_format`. */
export function sourceOfImageUrl(url: string, param: string): SourceImage {
  if (/^https?:\/\//i.test(url)) return { type: "url", url, param };
  const head = /^data:[^,]{0,200};base64,/i.exec(url.slice(0, 256))?.[0];
  if (head === undefined)
    throw new OmniError("invalid_url", `Cannot read the image in \`${param}\`: it must be an https: URL or a data: URL of base64.`, {
      param,
    });
  return sourceOfBytes(bytesOfBase64(url.slice(head.length), param), "", param);
}

function bytesOfBase64(text: string, param: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text);
  } catch (cause) {
    throw new OmniError("invalid_file_format", `Cannot read the image in \`${param}\`: it is no base64.`, { param, cause });
  }
}

/**
 * Has an image as bytes, fetching it if the client named it by URL.
 * @throws {OmniError} What is wrong with it; `unsupported_by_model` for a file that another provider keeps.
 */
export async function bytesOf(source: SourceImage, { fetchUrl, sheet }: TaskContext): Promise<ImageBytes> {
  switch (source.type) {
    case "bytes":
      return source;
    case "url": {
      const { url, param } = source;
      const page = await fetchUrl(url, sheet.fileBytesMax ?? IMAGE_BYTES_MAX).catch((error) => {
        throw failureOfSource(error, param);
      });
      if (page.status !== 200)
        throw new OmniError("invalid_url", `Cannot fetch the image in \`${param}\`: the site answered with ${page.status}.`, { param });
      return sourceOfBytes(page.body, "", param);
    }
    case "file":
      throw new OmniError(
        "unsupported_by_model",
        `Cannot use \`${source.param}\`: this provider has no file of that name. Send the image itself.`,
        {
          param: source.param,
        },
      );
    default:
      return source satisfies never;
  }
}

/** An image as a URL that holds it, or that leads to it; for providers that fetch by themselves. */
export async function urlOf(source: SourceImage, context: TaskContext): Promise<string> {
  if (source.type === "url") return source.url;
  const { mediaType, bytes } = await bytesOf(source, context);
  return `data:${mediaType};base64,${bytes.toBase64()}`;
}

/** Gives an image the form that the client asked for. A stream's are base64. */
export async function inForm(image: MadeImage, { answerAs }: ImageRequest, context: TaskContext): Promise<MadeImage> {
  const { source } = image;
  const wanted = context.stream ? "base64" : answerAs;
  if (wanted === "url" && "base64" in source) return { ...image, source: { url: dataUrlOf(source.base64) } };
  if (wanted !== "base64" || "base64" in source) return image;
  const held = /^data:[^,]{0,200};base64,/i.exec(source.url.slice(0, 256))?.[0];
  if (held !== undefined) return { ...image, source: { base64: source.url.slice(held.length) } };
  const page = await context.fetchUrl(source.url, IMAGE_BYTES_MAX).catch((error) => {
    throw failureOfMade(error);
  });
  if (page.status !== 200 || page.body.length === 0)
    throw new OmniError("upstream_invalid", `Cannot use the provider's image: where it says that it lies, the answer is ${page.status}.`);
  return { ...image, source: { base64: page.body.toBase64() } };
}

/** A URL that holds the image itself, for clients that want one of a provider that has none. */
function dataUrlOf(base64: string): string {
  // Sixteen letters are twelve bytes, which tell all formats apart.
  const mediaType = imageTypeOf(Buffer.from(base64.slice(0, 16), "base64")) ?? "application/octet-stream";
  return `data:${mediaType};base64,${base64}`;
}

function failureOfSource(error: unknown, param: string): unknown {
  if (!(error instanceof FetchError)) return error;
  const { message, fault } = error;
  if (fault === "denied") return new OmniError("blocked", message, { param, cause: error });
  if (fault === "too-long") return new OmniError("file_too_large", message, { param, cause: error });
  return new OmniError("invalid_url", message, { param, cause: error });
}

function failureOfMade(error: unknown): unknown {
  if (!(error instanceof FetchError)) return error;
  const message = "Cannot use the provider's image: it can not be fetched from where it is said to lie.";
  return new OmniError("upstream_invalid", message, { cause: error });
}

/** `image/png` as people call it. */
export function formatOf(mediaType: string): string {
  return mediaType.replace("image/", "");
}

/** `a, b or c`. */
export function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
