import type {
  AssistantPart,
  Bags,
  CacheMark,
  Citation,
  MediaSource,
  TextPart,
  ToolOutputPart,
  ToolResultPart,
  UserPart,
} from "../../ir/chat-parts.ts";
import { bagOf } from "../../ir/chat.ts";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { callIdFor } from "../call-ids.ts";
import { textOfBase64 } from "../media.ts";
import { sealFor } from "../opaque.ts";
import { ANTHROPIC_MESSAGES as WIRE } from "../wire-names.ts";

/** To whom the blocks go: a provider refuses what it did not sign, a client only stores it. */
export type Reader = "provider" | "client";

/** Writes what a user said; results of tools come first, as the format demands. */
export function encodeUserParts(parts: readonly UserPart[], path: string, losses: Losses): JsonObject[] {
  const blocks: JsonObject[] = [];
  for (const [index, part] of parts.entries()) {
    const at = `${path}.parts[${index}]`;
    if (part.type === "tool-result") blocks.push(encodeToolResult(part, at, losses));
    else if (part.type === "audio") losses.add(at, "audio", "The Messages format has no audio.", "content");
    else pushShown(blocks, part, at, losses);
  }
  return [...blocks.filter((block) => block["type"] === "tool_result"), ...blocks.filter((block) => block["type"] !== "tool_result")];
}

/** Writes what the model said. */
export function encodeAssistantParts(parts: readonly AssistantPart[], reader: Reader, path: string, losses: Losses): JsonObject[] {
  const blocks: JsonObject[] = [];
  for (const [index, part] of parts.entries()) {
    const block = encodeAssistantPart(part, reader, `${path}.parts[${index}]`, losses);
    if (block !== undefined) blocks.push(block);
  }
  return blocks;
}

function encodeAssistantPart(part: AssistantPart, reader: Reader, path: string, losses: Losses): JsonObject | undefined {
  switch (part.type) {
    case "text":
      return part.text === "" && reader === "provider" ? undefined : encodeText(part, reader, path, losses);
    case "refusal":
      return part.text === "" ? undefined : { type: "text", text: part.text, ...(reader === "client" && { citations: null }) };
    case "reasoning": {
      losses.addBags(part.bags, WIRE, path);
      if (reader === "provider" && part.opaque?.issuer !== WIRE) {
        losses.add(path, "reasoning", "Anthropic takes back only reasoning that it signed itself.");
        return undefined;
      }
      return encodeReasoning(part);
    }
    case "tool-call":
      losses.addBags(part.bags, WIRE, path);
      if (part.opaque !== undefined && reader === "provider") losses.add(path, "signature", `Only ${part.opaque.issuer} can read it.`);
      return { type: "tool_use", id: audienceId(part.id, reader), name: part.name, input: toolInput(part), ...decoration(part) };
    case "foreign":
      if (part.wire === WIRE) return part.json;
      losses.add(path, String(part.json["type"] ?? "block"), `Only ${part.wire} knows it.`, "content");
      return undefined;
    default:
      return part satisfies never;
  }
}

function audienceId(id: string, reader: Reader): string {
  return reader === "provider" ? callIdFor("anthropic", id) : id;
}

/** The block for a reasoning part, whole. */
export function encodeReasoning(part: AssistantPart & { readonly type: "reasoning" }): JsonObject {
  const { opaque } = part;
  if (opaque?.kind === "redacted") return { type: "redacted_thinking", data: sealFor(WIRE, opaque) };
  return {
    type: "thinking",
    thinking: part.texts.map((piece) => piece.text).join("\n\n"),
    signature: opaque === undefined ? "" : sealFor(WIRE, opaque),
    ...bagOf(part.bags, WIRE),
  };
}

/** Arguments as an object. What is not one (cut off, or free text) stands whole in one field, so that the turn can be replayed. */
export function toolInput(call: { readonly argumentsJson: string; readonly kind?: "custom" }): JsonObject {
  if (call.kind === "custom") return { input: call.argumentsJson };
  if (call.argumentsJson.trim() === "") return {};
  try {
    const input: Json = parseJson(call.argumentsJson);
    return isJsonObject(input) ? input : { input };
  } catch {
    return { raw: call.argumentsJson }; // A call that was cut off at max_tokens; the model may still be shown it.
  }
}

function encodeText(part: TextPart, reader: Reader, path: string, losses: Losses): JsonObject {
  const citations = part.citations?.map((citation) => encodeCitation(citation, reader)).filter((json) => json !== undefined) ?? [];
  if (citations.length < (part.citations?.length ?? 0))
    losses.add(`${path}.citations`, "citations", "The source has no form in the Messages format.");
  if (part.logprobs !== undefined) losses.add(`${path}.logprobs`, "logprobs", "The Messages format has none.");
  losses.addBags(part.bags, WIRE, path);
  const written = citations.length > 0 ? { citations } : reader === "client" ? { citations: null } : {};
  return { type: "text", text: part.text, ...written, ...decoration(part) };
}

/** Writes a citation; undefined if this format cannot say it, or its issuer would refuse it. */
export function encodeCitation(citation: Citation, reader: Reader): JsonObject | undefined {
  if (citation.native?.wire === WIRE) {
    const unsigned = citation.native.json["encrypted_index"] === "";
    return unsigned && reader === "provider" ? undefined : citation.native.json;
  }
  if (citation.url === undefined || reader === "provider") return undefined;
  const { url, title = null, citedText = "" } = citation;
  // Clients need the field; being empty marks the citation as not Anthropic's own when it comes back.
  return { type: "web_search_result_location", url, title, cited_text: citedText, encrypted_index: "" };
}

function encodeToolResult(part: ToolResultPart, path: string, losses: Losses): JsonObject {
  const blocks: JsonObject[] = [];
  for (const [index, output] of part.parts.entries()) pushShown(blocks, output, `${path}.parts[${index}]`, losses);
  losses.addBags(part.bags, WIRE, path);
  return {
    type: "tool_result",
    tool_use_id: callIdFor("anthropic", part.id),
    ...(blocks.length > 0 && { content: contentOf(blocks) }),
    ...(part.isError && { is_error: true }),
    ...decoration(part),
  };
}

/** One plain block of text is written as the string it holds; the API means the same by both. */
export function contentOf(blocks: readonly JsonObject[]): Json {
  const [only] = blocks;
  const plain = blocks.length === 1 && only?.["type"] === "text" && Object.keys(only).length === 2 ? only["text"] : undefined;
  return plain ?? blocks;
}

function pushShown(blocks: JsonObject[], part: ToolOutputPart, path: string, losses: Losses): void {
  switch (part.type) {
    case "text":
      if (part.text !== "") blocks.push(encodeText(part, "provider", path, losses));
      return;
    case "image":
    case "file": {
      const source = part.type === "image" ? imageSource(part.source) : documentSource(part.source);
      losses.addBags(part.bags, WIRE, path);
      if (part.type === "image" && part.detail !== undefined && part.detail !== "auto")
        losses.add(`${path}.detail`, "detail", "The Messages format has no such switch.");
      if (source === undefined)
        losses.add(path, part.type, "The Messages format cannot carry this kind of file, or it lies with another vendor.", "content");
      else if (part.type === "image") blocks.push({ type: "image", source, ...decoration(part) });
      else blocks.push({ type: "document", source, ...(part.name !== undefined && { title: part.name }), ...decoration(part) });
      return;
    }
    case "foreign":
      if (part.wire === WIRE) blocks.push(part.json);
      else losses.add(path, String(part.json["type"] ?? "block"), `Only ${part.wire} knows it.`, "content");
      return;
    default:
      part satisfies never;
  }
}

function imageSource(source: MediaSource): JsonObject | undefined {
  switch (source.type) {
    case "base64":
      return { type: "base64", media_type: source.mediaType, data: source.data };
    case "url":
      return { type: "url", url: source.url };
    case "file":
      return source.issuer === WIRE ? { type: "file", file_id: source.id } : undefined;
    case "text":
      return undefined;
    default:
      return source satisfies never;
  }
}

/** Documents are PDF, or text; text in base64 is unpacked. */
function documentSource(source: MediaSource): JsonObject | undefined {
  if (source.type === "text") return { type: "text", media_type: "text/plain", data: source.text };
  if (source.type !== "base64" || source.mediaType === "application/pdf") return imageSource(source);
  const isText = source.mediaType.startsWith("text/") || source.mediaType === "application/json";
  const data = isText ? textOfBase64(source.data) : undefined;
  return data === undefined ? undefined : { type: "text", media_type: "text/plain", data };
}

/** The cache mark and the bag of a block. */
function decoration(part: { readonly cache?: CacheMark; readonly bags?: Bags }): JsonObject {
  return { ...(part.cache && { cache_control: encodeCacheMark(part.cache) }), ...bagOf(part.bags, WIRE) };
}

/** Writes `cache_control`; of times that only others have, the longer of the two becomes the longer of ours. */
export function encodeCacheMark(cache: CacheMark): JsonObject {
  if (cache.ttl === undefined) return { type: "ephemeral" };
  return { type: "ephemeral", ttl: cache.ttl === "5m" ? "5m" : "1h" };
}
