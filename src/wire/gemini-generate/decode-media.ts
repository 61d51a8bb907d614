import type { AudioPart, Bags, FilePart, ImagePart, MediaSource } from "../../ir/chat-parts.ts";
import { bag } from "../../ir/chat.ts";
import type { Json } from "../../ir/json.ts";
import type { Fields } from "../fields.ts";
import { GEMINI_GENERATE as WIRE } from "../wire-names.ts";
import { soundOfType, typeOfUrl } from "./media-types.ts";
import { camelObject } from "./spelling.ts";

const INLINE = new Set(["inlineData", "fileData", "thought"]);

/** Addresses that only Google can read. */
const OWN_FILE = /^gs:\/\/|^https:\/\/generativelanguage\.googleapis\.com\//;

/** Reads a part that is a picture, a sound or a document; undefined if it is none of them. */
export function decodeMedia(part: Fields): ImagePart | FilePart | AudioPart | undefined {
  const inline = camelObject(part, "inlineData");
  if (inline !== undefined) return decodeInline(inline, part);
  const file = camelObject(part, "fileData");
  return file && decodeFile(file, part);
}

function decodeInline(inline: Fields, part: Fields): ImagePart | FilePart | AudioPart {
  const mediaType = inline.string("mimeType").toLowerCase();
  const data = plainBase64(inline.string("data"));
  const bags = extras(part);
  if (mediaType.startsWith("audio/")) return { type: "audio", data, format: soundOfType(mediaType), ...bags };
  const source: MediaSource = { type: "base64", mediaType, data };
  return named(source, mediaType, inline.stringMaybe("displayName"), bags);
}

function decodeFile(file: Fields, part: Fields): ImagePart | FilePart {
  const url = file.string("fileUri");
  const said = file.stringMaybe("mimeType");
  const mediaType = said ?? typeOfUrl(url, "");
  // What the address tells by itself need not be told to others.
  const untold = said !== undefined && said !== typeOfUrl(url, said.startsWith("image/") ? "image/jpeg" : "application/pdf");
  const source: MediaSource = OWN_FILE.test(url) ? { type: "file", id: url, issuer: WIRE } : { type: "url", url };
  return named(source, mediaType, file.stringMaybe("displayName"), extras(part, untold ? said : undefined));
}

function named(source: MediaSource, mediaType: string, name: string | undefined, bags: { readonly bags?: Bags }): ImagePart | FilePart {
  if (mediaType.startsWith("image/")) return { type: "image", source, ...bags };
  return { type: "file", source, ...(name !== undefined && { name }), ...bags };
}

function extras(part: Fields, mimeType?: string): { readonly bags?: Bags } {
  const rest: { readonly [key: string]: Json | undefined } | undefined = part.rest(INLINE);
  const bags = bag(WIRE, mimeType === undefined ? rest : { ...rest, mimeType });
  return bags ? { bags } : {};
}

/** Google takes the other alphabet of base64 as well, and no padding. */
function plainBase64(data: string): string {
  const plain = data.includes("-") || data.includes("_") ? data.replaceAll("-", "+").replaceAll("_", "/") : data;
  return plain.length % 4 === 0 ? plain : plain.padEnd(Math.ceil(plain.length / 4) * 4, "=");
}
