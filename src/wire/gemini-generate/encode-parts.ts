import type { AudioPart, Bags, CacheMark, FilePart, ForeignPart, ImagePart, MediaSource, TextPart } from "../../ir/chat-parts.ts";
import { bagOf } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { base64Of } from "../media.ts";
import { GEMINI_GENERATE as WIRE } from "../wire-names.ts";
import { typeOfSound, typeOfUrl } from "./media-types.ts";

/** What may be shown to the model. */
export type ShownPart = TextPart | ImagePart | FilePart | AudioPart | ForeignPart;

/** Writes a part that a user, the operator or a tool shows; undefined if it was lost, and said so. */
export function encodeShownPart(part: ShownPart, path: string, losses: Losses): JsonObject | undefined {
  if (part.type === "foreign") return encodeForeign(part, path, losses);
  noteCache(part.cache, path, losses);
  losses.addBags(part.bags, WIRE, path);
  const { mimeType, ...rest } = bagOf(part.bags, WIRE) ?? {};
  switch (part.type) {
    case "text":
      return { text: part.text, ...rest };
    case "audio":
      return { inlineData: { mimeType: typeOfSound(part.format), data: part.data }, ...rest };
    case "image":
    case "file": {
      if (part.type === "image" && part.detail !== undefined && part.detail !== "auto")
        losses.add(`${path}.detail`, "detail", "Gemini has no such switch for single pictures.");
      const otherwise = part.type === "image" ? "image/jpeg" : "application/pdf";
      const source = encodeSource(part.source, typeof mimeType === "string" ? mimeType : undefined, otherwise);
      if (source === undefined) losses.add(path, part.type, "It was uploaded to another vendor, and Google does not have it.", "content");
      return source && { ...source, ...rest };
    }
    default:
      return part satisfies never;
  }
}

/** Writes what only one format knows, if it is this one. */
export function encodeForeign(part: ForeignPart, path: string, losses: Losses): JsonObject | undefined {
  if (part.wire === WIRE) return part.json;
  if (!part.isNote) losses.add(path, String(part.json["type"] ?? "part"), `Only ${part.wire} knows it.`, "content");
  return undefined;
}

/** Says that a mark is lost. */
export function noteCache(cache: CacheMark | undefined, path: string, losses: Losses): void {
  if (cache !== undefined) losses.add(`${path}.cache`, "cache_control", "Gemini caches by itself and takes no marks.");
}

/** What this format alone has of a part. */
export function restOf(bags: Bags | undefined): JsonObject {
  return bagOf(bags, WIRE) ?? {};
}

function encodeSource(source: MediaSource, mimeType: string | undefined, otherwise: string): JsonObject | undefined {
  switch (source.type) {
    case "base64":
      return { inlineData: { mimeType: source.mediaType, data: source.data } };
    case "text":
      return { inlineData: { mimeType: "text/plain", data: base64Of(source.text) } };
    case "url":
      return { fileData: { fileUri: source.url, mimeType: mimeType ?? typeOfUrl(source.url, otherwise) } };
    case "file":
      if (source.issuer !== WIRE) return undefined;
      return { fileData: { fileUri: source.id, mimeType: mimeType ?? typeOfUrl(source.id, otherwise) } };
    default:
      return source satisfies never;
  }
}
