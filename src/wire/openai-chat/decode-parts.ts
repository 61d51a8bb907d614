import type {
  Bags,
  CacheMark,
  Citation,
  FilePart,
  ForeignPart,
  ImagePart,
  TextPart,
  ToolOutputPart,
  UserPart,
} from "../../ir/chat-parts.ts";
import { bag } from "../../ir/chat.ts";
import { Fields } from "../fields.ts";
import { sourceOfUrl } from "../media.ts";
import { OPENAI_CHAT as WIRE } from "../wire-names.ts";

const DATA_HEAD = /^data:/i;

/** Content as parts: a plain string is one part of text. */
export function contentFields(message: Fields): Fields[] {
  const value = message.json["content"];
  if (typeof value === "string") return [Fields.of({ type: "text", text: value }, message.at("content"), message.fault)];
  if (!Array.isArray(value)) throw message.wrong("content", "a string or a list of parts");
  return message.objects("content");
}

/** Reads a part of what a user said. */
export function decodeUserPart(part: Fields): UserPart {
  if (part.string("type") !== "input_audio") return decodeShownPart(part);
  const audio = part.object("input_audio");
  return { type: "audio", data: audio.string("data"), format: audio.string("format"), ...extras(part, AUDIO) };
}

const TEXT = new Set(["type", "text", "cache_control", "prompt_cache_breakpoint"]);
const IMAGE = new Set(["type", "image_url", "cache_control", "prompt_cache_breakpoint"]);
const AUDIO = new Set(["type", "input_audio", "cache_control", "prompt_cache_breakpoint"]);
const FILE = new Set(["type", "file", "cache_control", "prompt_cache_breakpoint"]);

/** Reads a part that may also stand in the answer of a tool. */
export function decodeShownPart(part: Fields): ToolOutputPart {
  switch (part.string("type")) {
    case "text":
      return decodeTextPart(part);
    case "image_url":
      return decodeImage(part);
    case "file":
      return decodeFile(part) ?? foreignPart(part);
    default:
      return foreignPart(part);
  }
}

/** Reads a part that is text, as system messages have it. */
export function decodeTextOnly(part: Fields): TextPart | ForeignPart {
  return part.string("type") === "text" ? decodeTextPart(part) : foreignPart(part);
}

/** Reads a part of text. */
export function decodeTextPart(part: Fields): TextPart {
  return { type: "text", text: part.string("text"), ...extras(part, TEXT) };
}

/** What only this format knows. */
export function foreignPart(part: Fields): ForeignPart {
  return { type: "foreign", wire: WIRE, json: part.json };
}

function decodeImage(part: Fields): ImagePart {
  const value = part.json["image_url"];
  // Some clients write the URL where the object should be, as the Responses format does, and most providers take it.
  if (typeof value === "string") return { type: "image", source: sourceOfUrl(value), ...extras(part, IMAGE) };
  const image = part.object("image_url");
  const detail = image.stringMaybe("detail");
  return { type: "image", source: sourceOfUrl(image.string("url")), ...(detail !== undefined && { detail }), ...extras(part, IMAGE) };
}

function decodeFile(part: Fields): FilePart | undefined {
  const file = part.object("file");
  const name = file.stringMaybe("filename");
  const data = file.stringMaybe("file_data");
  const id = file.stringMaybe("file_id");
  const rest = { ...(name !== undefined && { name }), ...extras(part, FILE) };
  if (data !== undefined) {
    // Bare base64 is taken by OpenAI too; it then is a PDF.
    const source =
      DATA_HEAD.test(data) || /^https?:/i.test(data.slice(0, 8)) ? sourceOfUrl(data) : sourceOfUrl(`data:application/pdf;base64,${data}`);
    return { type: "file", source, ...rest };
  }
  return id === undefined ? undefined : { type: "file", source: { type: "file", id, issuer: WIRE }, ...rest };
}

/** The cache mark and the unknown fields of a part. */
function extras(part: Fields, known: ReadonlySet<string>): { readonly cache?: CacheMark; readonly bags?: Bags } {
  const cache = decodeCacheMark(part);
  const bags = bag(WIRE, part.rest(known));
  return { ...(cache && { cache }), ...(bags && { bags }) };
}

/** Reads OpenAI's own mark, or Anthropic's, which several providers of this format take. */
export function decodeCacheMark(owner: Fields): CacheMark | undefined {
  const mark = owner.objectMaybe("prompt_cache_breakpoint") ?? owner.objectMaybe("cache_control");
  if (mark === undefined) return undefined;
  const ttl = mark.stringMaybe("ttl");
  return ttl === undefined ? {} : { ttl };
}

/** Reads an annotation. */
export function decodeAnnotation(annotation: Fields): Citation {
  const native = { wire: WIRE, json: annotation.json };
  const citation = annotation.objectMaybe("url_citation");
  if (citation === undefined) return { native };
  const url = citation.stringMaybe("url");
  const title = citation.stringMaybe("title");
  const citedText = citation.stringMaybe("content");
  const start = citation.numberMaybe("start_index");
  const end = citation.numberMaybe("end_index");
  return {
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
    ...(citedText !== undefined && { citedText }),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    native,
  };
}
