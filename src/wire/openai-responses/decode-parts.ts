import type {
  Bags,
  CacheMark,
  Citation,
  FilePart,
  ForeignPart,
  ImagePart,
  RefusalPart,
  TextPart,
  ToolOutputPart,
  UserPart,
} from "../../ir/chat-parts.ts";
import { bag } from "../../ir/chat.ts";
import { Fields } from "../fields.ts";
import { sourceOfUrl } from "../media.ts";
import { charactersOf } from "../text-length.ts";
import { OPENAI_RESPONSES as WIRE } from "../wire-names.ts";

const TEXT = new Set(["type", "text", "annotations", "logprobs", "prompt_cache_breakpoint"]);
const IMAGE = new Set(["type", "image_url", "file_id", "detail", "prompt_cache_breakpoint"]);
const FILE = new Set(["type", "file_data", "file_url", "file_id", "filename", "prompt_cache_breakpoint"]);
const AUDIO = new Set(["type", "input_audio", "prompt_cache_breakpoint"]);

/** Content as parts: a plain string is one part of text. */
export function contentFields(owner: Fields, key: string): Fields[] {
  const value = owner.json[key];
  if (typeof value === "string") return [Fields.of({ type: "input_text", text: value }, owner.at(key), owner.fault)];
  if (!Array.isArray(value)) throw owner.wrong(key, "a string or a list of parts");
  return owner.objects(key);
}

/** Reads a part of what a user said. */
export function decodeUserPart(part: Fields): UserPart {
  if (part.string("type") !== "input_audio") return decodeShownPart(part);
  const audio = part.object("input_audio");
  return { type: "audio", data: audio.string("data"), format: audio.string("format"), ...extras(part, AUDIO) };
}

/** Reads a part that may also stand in the answer of a tool. */
export function decodeShownPart(part: Fields): ToolOutputPart {
  switch (part.string("type")) {
    case "input_text":
    case "output_text":
    case "text":
      return decodeText(part, undefined, 0);
    case "input_image":
      return decodeImage(part) ?? foreignPart(part);
    case "input_file":
      return decodeFile(part) ?? foreignPart(part);
    default:
      return foreignPart(part);
  }
}

/** Reads a part that is text, as instructions have it. */
export function decodeTextOnly(part: Fields): TextPart | ForeignPart {
  const read = decodeShownPart(part);
  return read.type === "text" ? read : foreignPart(part);
}

/**
 * Reads a part of what the model said.
 * @param item The message that it is part of.
 * @param before How many characters of text stand before it in the whole answer.
 */
export function decodeSaidPart(part: Fields, item: SaidIn, before: number): TextPart | RefusalPart | ForeignPart {
  switch (part.string("type")) {
    case "output_text":
    case "input_text":
    case "text":
      return decodeText(part, item, before);
    case "refusal":
      return { type: "refusal", text: part.string("refusal"), ...item };
    default:
      return foreignPart(part);
  }
}

/** What a message says about each of its parts. */
export interface SaidIn {
  readonly itemId?: string;
  readonly bags?: Bags;
}

const MESSAGE = new Set(["type", "id", "status", "role", "content"]);

/** Reads what a message says about each of its parts. */
export function decodeSaidIn(message: Fields): SaidIn {
  const itemId = message.stringMaybe("id");
  const bags = bag(WIRE, message.rest(MESSAGE));
  return { ...(itemId && { itemId }), ...(bags && { bags }) };
}

function decodeText(part: Fields, item: SaidIn | undefined, before: number): TextPart {
  const citations = part.objectsMaybe("annotations")?.map((annotation) => decodeAnnotation(annotation, before));
  const logprobs = part.listMaybe("logprobs");
  return {
    type: "text",
    text: part.string("text"),
    ...extras(part, TEXT),
    ...item,
    ...(citations?.length && { citations }),
    ...(logprobs?.length && { logprobs }),
  };
}

/** Reads an annotation. Offsets count from the beginning of its part here, and from that of the answer in the IR. */
export function decodeAnnotation(annotation: Fields, before: number): Citation {
  const url = annotation.stringMaybe("url");
  const title = annotation.stringMaybe("title") ?? annotation.stringMaybe("filename");
  const start = annotation.numberMaybe("start_index");
  const end = annotation.numberMaybe("end_index");
  return {
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
    ...(start !== undefined && { start: start + before }),
    ...(end !== undefined && { end: end + before }),
    native: { wire: WIRE, json: annotation.json },
  };
}

/** The characters that a part adds to the answer's text. */
export function charactersOfPart(part: { readonly type: string; readonly text?: string }): number {
  return part.type === "text" ? charactersOf(part.text ?? "") : 0;
}

function decodeImage(part: Fields): ImagePart | undefined {
  const url = part.stringMaybe("image_url");
  const id = part.stringMaybe("file_id");
  const detail = part.stringMaybe("detail");
  const rest = { ...(detail !== undefined && { detail }), ...extras(part, IMAGE) };
  if (url !== undefined) return { type: "image", source: sourceOfUrl(url), ...rest };
  return id === undefined ? undefined : { type: "image", source: { type: "file", id, issuer: WIRE }, ...rest };
}

function decodeFile(part: Fields): FilePart | undefined {
  const name = part.stringMaybe("filename");
  const data = part.stringMaybe("file_data") ?? part.stringMaybe("file_url");
  const id = part.stringMaybe("file_id");
  const rest = { ...(name !== undefined && { name }), ...extras(part, FILE) };
  if (data !== undefined) {
    const isUrl = /^(?:data:|https?:)/i.test(data.slice(0, 8));
    return { type: "file", source: sourceOfUrl(isUrl ? data : `data:application/pdf;base64,${data}`), ...rest };
  }
  return id === undefined ? undefined : { type: "file", source: { type: "file", id, issuer: WIRE }, ...rest };
}

function foreignPart(part: Fields): ForeignPart {
  return { type: "foreign", wire: WIRE, json: part.json };
}

function extras(part: Fields, known: ReadonlySet<string>): { readonly cache?: CacheMark; readonly bags?: Bags } {
  const bags = bag(WIRE, part.rest(known));
  return { ...(part.has("prompt_cache_breakpoint") && { cache: {} }), ...(bags && { bags }) };
}
