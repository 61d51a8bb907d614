import type { CacheMark, MediaSource, TextPart, ToolOutputPart, UserPart } from "../../ir/chat-parts.ts";
import { bagOf } from "../../ir/chat.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { urlOfSource } from "../media.ts";
import { OPENAI_CHAT as WIRE } from "../wire-names.ts";

/** How a provider of this format marks what is to be cached. */
export type CacheStyle = "none" | "cache_control" | "prompt_cache_breakpoint";

/** What a part is written with. */
export interface PartContext {
  readonly cacheMarks: CacheStyle;
  /** Whether there are tools for free text. */
  readonly customTools: boolean;
  readonly losses: Losses;
}

/** Writes content: a string where one plain text is all there is, for many compatible providers take nothing else. */
export function contentOf(parts: readonly JsonObject[]): Json {
  const [only] = parts;
  if (parts.length === 1 && only?.["type"] === "text" && Object.keys(only).length === 2) return only["text"] ?? "";
  return parts;
}

/** Writes one part of what a user said, results of tools apart. */
export function encodeUserPart(
  part: Exclude<UserPart, { type: "tool-result" }>,
  path: string,
  context: PartContext,
): JsonObject | undefined {
  if (part.type !== "audio") return encodeShownPart(part, path, context);
  context.losses.addBags(part.bags, WIRE, path);
  return { type: "input_audio", input_audio: { data: part.data, format: part.format }, ...decoration(part, path, context) };
}

/** Writes a part that may also stand in the answer of a tool; undefined if it has no form here. */
export function encodeShownPart(part: ToolOutputPart, path: string, context: PartContext): JsonObject | undefined {
  const { losses } = context;
  switch (part.type) {
    case "text":
      return encodeTextPart(part, path, context);
    case "image": {
      const url = urlOfSource(part.source);
      losses.addBags(part.bags, WIRE, path);
      if (url === undefined) return lose(losses, path, "image");
      const detail = part.detail !== undefined && { detail: part.detail };
      return { type: "image_url", image_url: { url, ...detail }, ...decoration(part, path, context) };
    }
    case "file": {
      const file = fileOf(part.source);
      losses.addBags(part.bags, WIRE, path);
      if (file === undefined) return lose(losses, path, "file");
      // OpenAI refuses data without a name.
      const name = part.name ?? (file["file_data"] === undefined ? undefined : "document");
      return { type: "file", file: { ...file, ...(name !== undefined && { filename: name }) }, ...decoration(part, path, context) };
    }
    case "foreign":
      if (part.wire === WIRE) return part.json;
      if (!part.isNote) losses.add(path, String(part.json["type"] ?? "part"), `Only ${part.wire} knows it.`, "content");
      return undefined;
    default:
      return part satisfies never;
  }
}

/** Writes a part of text. */
export function encodeTextPart(part: TextPart, path: string, context: PartContext): JsonObject {
  context.losses.addBags(part.bags, WIRE, path);
  return { type: "text", text: part.text, ...decoration(part, path, context) };
}

function fileOf(source: MediaSource): JsonObject | undefined {
  if (source.type === "file") return source.issuer === WIRE || source.issuer === "openai-responses" ? { file_id: source.id } : undefined;
  const data = urlOfSource(source);
  return data === undefined ? undefined : { file_data: data };
}

function lose(losses: Losses, path: string, what: string): undefined {
  losses.add(path, what, "It was uploaded to another vendor, and this one does not have it.", "content");
  return undefined;
}

function decoration(part: UserPart & { readonly cache?: CacheMark }, path: string, context: PartContext): JsonObject {
  const bags = "bags" in part ? bagOf(part.bags, WIRE) : undefined;
  return { ...encodeCacheMark(part.cache, path, context), ...bags };
}

/** Writes a mark in the provider's own way; most cache by themselves and refuse marks. */
export function encodeCacheMark(cache: CacheMark | undefined, path: string, { cacheMarks, losses }: PartContext): JsonObject {
  if (cache === undefined) return {};
  switch (cacheMarks) {
    case "none":
      losses.add(`${path}.cache`, "cache_control", "The provider caches by itself and takes no marks.");
      return {};
    case "cache_control":
      return { cache_control: { type: "ephemeral", ...(cache.ttl !== undefined && { ttl: cache.ttl }) } };
    case "prompt_cache_breakpoint":
      if (cache.ttl !== undefined) losses.add(`${path}.cache.ttl`, "ttl", "OpenAI sets the time for the whole request.");
      return { prompt_cache_breakpoint: { mode: "explicit" } };
    default:
      return cacheMarks satisfies never;
  }
}
