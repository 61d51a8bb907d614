import type {
  AssistantPart,
  Bags,
  CacheMark,
  Citation,
  FilePart,
  ForeignPart,
  ImagePart,
  MediaSource,
  TextPart,
  ToolCallPart,
  ToolOutputPart,
  ToolResultPart,
  UserPart,
} from "../../ir/chat-parts.ts";
import { bag } from "../../ir/chat.ts";
import { Fields, textOf } from "../fields.ts";
import { unseal } from "../opaque.ts";
import { ANTHROPIC_MESSAGES as WIRE } from "../wire-names.ts";

const BILLING = "x-anthropic-billing-header:";
const TEXT = new Set(["type", "text", "citations", "cache_control"]);
const IMAGE = new Set(["type", "source", "cache_control"]);
const DOCUMENT = new Set(["type", "source", "title", "cache_control"]);
const TOOL_USE = new Set(["type", "id", "name", "input", "cache_control"]);
const TOOL_RESULT = new Set(["type", "tool_use_id", "content", "is_error", "cache_control"]);
const THINKING = new Set(["type", "thinking", "signature"]);

/** Content as blocks: a plain string is one block of text. */
function blocksOf(owner: Fields, key: string): Fields[] {
  const value = owner.json[key];
  if (typeof value === "string") return [Fields.of({ type: "text", text: value }, owner.at(key), owner.fault)];
  if (!Array.isArray(value)) throw owner.wrong(key, "a string or a list of blocks");
  return owner.objects(key);
}

/** Reads what a user said. */
export function decodeUserContent(owner: Fields, key: string): UserPart[] {
  return blocksOf(owner, key).map((block) => {
    switch (block.string("type")) {
      case "tool_result":
        return decodeToolResult(block);
      default:
        return decodeShown(block);
    }
  });
}

/** Reads the system prompt. */
export function decodeSystemContent(owner: Fields, key: string): (TextPart | ForeignPart)[] {
  return blocksOf(owner, key).map((block) => {
    if (block.string("type") !== "text") return foreign(block);
    // Claude Code's first block names itself; it changes often, and would spoil the prompt caches of everybody else.
    return block.string("text").startsWith(BILLING) ? { ...foreign(block), isNote: true } : decodeText(block);
  });
}

/** Reads what the model said, in a request's history or in an answer. */
export function decodeAssistantContent(owner: Fields, key: string): AssistantPart[] {
  return blocksOf(owner, key).map(decodeAssistantBlock);
}

/** Reads one block of the model's. */
export function decodeAssistantBlock(block: Fields): AssistantPart {
  switch (block.string("type")) {
    case "text":
      return decodeText(block);
    case "thinking": {
      const text = block.string("thinking");
      const signature = block.stringMaybe("signature");
      const bags = bag(WIRE, block.rest(THINKING));
      return {
        type: "reasoning",
        texts: text === "" ? [] : [{ form: "summary", text }],
        ...(signature && { opaque: unseal(signature, WIRE, "signature") }),
        ...(bags && { bags }),
      };
    }
    case "redacted_thinking":
      return { type: "reasoning", texts: [], opaque: unseal(block.string("data"), WIRE, "redacted") };
    case "tool_use":
      return decodeToolUse(block);
    default:
      return foreign(block);
  }
}

function decodeShown(block: Fields): TextPart | ImagePart | FilePart | ForeignPart {
  switch (block.string("type")) {
    case "text":
      return decodeText(block);
    case "image": {
      const source = decodeSource(block.object("source"));
      return source === undefined ? foreign(block) : { type: "image", source, ...extras(block, IMAGE) };
    }
    case "document": {
      const source = decodeSource(block.object("source"));
      const name = block.stringMaybe("title");
      return source === undefined
        ? foreign(block)
        : { type: "file", source, ...(name !== undefined && { name }), ...extras(block, DOCUMENT) };
    }
    default:
      return foreign(block);
  }
}

function decodeText(block: Fields): TextPart {
  const citations = block.objectsMaybe("citations")?.map(decodeCitation);
  return { type: "text", text: block.string("text"), ...(citations?.length && { citations }), ...extras(block, TEXT) };
}

/** Reads a citation, of which there are five kinds; the format's own form is kept beside what others understand. */
export function decodeCitation(citation: Fields): Citation {
  const url = citation.stringMaybe("url") ?? citation.stringMaybe("source");
  const title = citation.stringMaybe("title") ?? citation.stringMaybe("document_title");
  const citedText = citation.stringMaybe("cited_text");
  return {
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
    ...(citedText !== undefined && { citedText }),
    native: { wire: WIRE, json: citation.json },
  };
}

/** Undefined for sources that only this format has, such as a document made of blocks. */
function decodeSource(source: Fields): MediaSource | undefined {
  switch (source.string("type")) {
    case "base64":
      return { type: "base64", mediaType: source.string("media_type"), data: source.string("data") };
    case "url":
      return { type: "url", url: source.string("url") };
    case "text":
      return { type: "text", mediaType: source.stringMaybe("media_type") ?? "text/plain", text: source.string("data") };
    case "file":
      return { type: "file", id: source.string("file_id"), issuer: WIRE };
    default:
      return undefined;
  }
}

function decodeToolUse(block: Fields): ToolCallPart {
  return {
    type: "tool-call",
    id: block.string("id"),
    name: block.string("name"),
    argumentsJson: textOf(block.object("input").json, block.at("input"), block.fault),
    ...extras(block, TOOL_USE),
  };
}

function decodeToolResult(block: Fields): ToolResultPart {
  const isError = block.booleanMaybe("is_error");
  const parts: ToolOutputPart[] = block.has("content") ? blocksOf(block, "content").map(decodeShown) : [];
  return { type: "tool-result", id: block.string("tool_use_id"), parts, ...(isError && { isError }), ...extras(block, TOOL_RESULT) };
}

/** The cache mark and the unknown fields that a block may have. */
function extras(block: Fields, known: ReadonlySet<string>): { readonly cache?: CacheMark; readonly bags?: Bags } {
  const cache = decodeCacheMark(block);
  const bags = bag(WIRE, block.rest(known));
  return { ...(cache && { cache }), ...(bags && { bags }) };
}

/** Reads `cache_control`. */
export function decodeCacheMark(owner: Fields): CacheMark | undefined {
  const mark = owner.objectMaybe("cache_control");
  if (mark === undefined) return undefined;
  const ttl = mark.stringMaybe("ttl");
  return ttl === undefined ? {} : { ttl };
}

function foreign(block: Fields): ForeignPart {
  return { type: "foreign", wire: WIRE, json: block.json };
}
