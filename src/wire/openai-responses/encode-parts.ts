import type { CacheMark, Citation, MediaSource, TextPart, ToolOutputPart, UserPart } from "../../ir/chat-parts.ts";
import { bagOf } from "../../ir/chat.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { urlOfSource } from "../media.ts";
import { OPENAI_CHAT, OPENAI_RESPONSES as WIRE } from "../wire-names.ts";

/** What parts are written with. */
export interface PartContext {
  readonly losses: Losses;
  /** Whether the model takes marks of places to cache. */
  readonly cacheMarks: boolean;
}

/** Writes content: a string where one plain text is all there is. */
export function contentOf(parts: readonly JsonObject[]): Json {
  const [only] = parts;
  if (parts.length === 1 && only?.["type"] === "input_text" && Object.keys(only).length === 2) return only["text"] ?? "";
  return parts;
}

/** Writes one part of what a user said, results of tools apart; undefined if it has no form here. */
export function encodeUserPart(
  part: Exclude<UserPart, { type: "tool-result" }>,
  path: string,
  context: PartContext,
): JsonObject | undefined {
  if (part.type !== "audio") return encodeShownPart(part, path, context);
  context.losses.addBags(part.bags, WIRE, path);
  return { type: "input_audio", input_audio: { data: part.data, format: part.format }, ...bagOf(part.bags, WIRE) };
}

/** Writes a part that may also stand in the answer of a tool. */
export function encodeShownPart(part: ToolOutputPart, path: string, context: PartContext): JsonObject | undefined {
  const { losses } = context;
  switch (part.type) {
    case "text":
      losses.addBags(part.bags, WIRE, path);
      return { type: "input_text", text: part.text, ...decoration(part, path, context) };
    case "image": {
      const source = imageOf(part.source);
      losses.addBags(part.bags, WIRE, path);
      if (source === undefined) return lose(losses, path, "image");
      return {
        type: "input_image",
        ...source,
        ...(part.detail !== undefined && { detail: part.detail }),
        ...decoration(part, path, context),
      };
    }
    case "file": {
      const source = fileOf(part.source);
      losses.addBags(part.bags, WIRE, path);
      if (source === undefined) return lose(losses, path, "file");
      const name = part.name ?? (source["file_data"] === undefined ? undefined : "document"); // Data needs a name here.
      return { type: "input_file", ...source, ...(name !== undefined && { filename: name }), ...decoration(part, path, context) };
    }
    case "foreign":
      if (part.wire === WIRE) return part.json;
      if (!part.isNote) losses.add(path, String(part.json["type"] ?? "part"), `Only ${part.wire} knows it.`, "content");
      return undefined;
    default:
      return part satisfies never;
  }
}

function imageOf(source: MediaSource): JsonObject | undefined {
  if (source.type === "file") return isOurs(source.issuer) ? { file_id: source.id } : undefined;
  const url = urlOfSource(source);
  return url === undefined ? undefined : { image_url: url };
}

function fileOf(source: MediaSource): JsonObject | undefined {
  if (source.type === "file") return isOurs(source.issuer) ? { file_id: source.id } : undefined;
  if (source.type === "url") return { file_url: source.url };
  const data = urlOfSource(source);
  return data === undefined ? undefined : { file_data: data };
}

/** Both formats of OpenAI know the same files. */
function isOurs(issuer: string): boolean {
  return issuer === WIRE || issuer === OPENAI_CHAT;
}

function lose(losses: Losses, path: string, what: string): undefined {
  losses.add(path, what, "It was uploaded to another vendor, and this one does not have it.", "content");
  return undefined;
}

function decoration(
  part: { readonly cache?: CacheMark; readonly bags?: TextPart["bags"] & object },
  path: string,
  context: PartContext,
): JsonObject {
  if (part.cache !== undefined && !context.cacheMarks)
    context.losses.add(`${path}.cache`, "cache_control", "The model caches by itself and takes no marks.");
  if (part.cache?.ttl !== undefined && context.cacheMarks)
    context.losses.add(`${path}.cache.ttl`, "ttl", "OpenAI sets the time for the whole request.");
  return { ...(part.cache && context.cacheMarks && { prompt_cache_breakpoint: { mode: "explicit" } }), ...bagOf(part.bags, WIRE) };
}

/**
 * Writes a citation; undefined if this format cannot say it.
 * @param before How many characters of text stand before its part in the whole answer.
 * @param length How many the part has: a citation without offsets is about all of it.
 */
export function encodeAnnotation(citation: Citation, before: number, length: number): JsonObject | undefined {
  if (citation.native?.wire === WIRE) return citation.native.json;
  if (citation.url === undefined) return undefined;
  const { url, title = "" } = citation;
  const start = citation.start === undefined ? 0 : Math.max(0, citation.start - before);
  const end = citation.end === undefined ? length : Math.max(0, citation.end - before);
  return { type: "url_citation", start_index: start, end_index: end, url, title };
}
