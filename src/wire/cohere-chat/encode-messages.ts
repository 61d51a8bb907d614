import type {
  AssistantPart,
  ImagePart,
  MediaSource,
  TextPart,
  ToolCallPart,
  ToolOutputPart,
  ToolResultPart,
  UserPart,
} from "../../ir/chat-parts.ts";
import type { Message } from "../../ir/chat.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { argumentsObject } from "../call-arguments.ts";
import { textOfBase64, urlOfSource } from "../media.ts";
import { shortToolName } from "../tool-names.ts";
import { COHERE_CHAT as WIRE } from "../wire-names.ts";

/** Writes `messages`. */
export function encodeMessages(messages: readonly Message[], losses: Losses): JsonObject[] {
  return messages.flatMap((message, index): JsonObject[] => {
    const path = `messages[${index}]`;
    losses.addBags(message.bags, WIRE, path);
    switch (message.role) {
      case "system":
      case "developer":
        return written("system", shown(message.parts, path, losses));
      case "user":
        return encodeUser(message.parts, path, losses);
      case "assistant":
        return encodeAssistant(message.parts, path, losses);
      default:
        return message satisfies never;
    }
  });
}

function written(role: "system" | "user", content: readonly JsonObject[]): JsonObject[] {
  return content.length === 0 ? [] : [{ role, content: contentOf(content) }];
}

/** One text is written as the string it is; the API means the same by both. */
function contentOf(blocks: readonly JsonObject[]): Json {
  const [only] = blocks;
  return blocks.length === 1 && only?.["type"] === "text" ? (only["text"] ?? "") : blocks;
}

/** Results of tools become messages of their own, all of them before anything else that the user said. */
function encodeUser(parts: readonly UserPart[], path: string, losses: Losses): JsonObject[] {
  const results: JsonObject[] = [];
  const said: JsonObject[] = [];
  for (const [index, part] of parts.entries()) {
    const at = `${path}.parts[${index}]`;
    if (part.type === "tool-result") results.push(encodeResult(part, said, at, losses));
    else if (part.type === "audio") losses.add(at, "audio", "Cohere takes no sound.", "content");
    else show(said, part, at, losses);
  }
  return [...results, ...written("user", said)];
}

/** A result holds only text. Its pictures are shown right behind it, by the user. */
function encodeResult(part: ToolResultPart, said: JsonObject[], path: string, losses: Losses): JsonObject {
  losses.addBags(part.bags, WIRE, path);
  noteCache(part, path, losses);
  const blocks = shown(part.parts, path, losses);
  const media = blocks.filter(({ type }) => type !== "text");
  said.push(...media);
  const texts = blocks.flatMap(({ type, text }) => (type === "text" ? [String(text)] : []));
  // An empty result beside a picture would read as if the tool had said nothing.
  if (texts.length === 0 && media.length > 0) texts.push("The tool's answer is shown below.");
  return { role: "tool", tool_call_id: part.id, content: [...(part.isError ? ["The tool failed:"] : []), ...texts].join("\n") };
}

function shown(parts: readonly ToolOutputPart[], path: string, losses: Losses): JsonObject[] {
  const blocks: JsonObject[] = [];
  for (const [index, part] of parts.entries()) show(blocks, part, `${path}.parts[${index}]`, losses);
  return blocks;
}

function show(blocks: JsonObject[], part: ToolOutputPart, path: string, losses: Losses): void {
  if (part.type === "foreign") {
    if (!part.isNote) losses.add(path, String(part.json["type"] ?? "part"), `Only ${part.wire} knows it.`, "content");
    return;
  }
  losses.addBags(part.bags, WIRE, path);
  noteCache(part, path, losses);
  const block =
    part.type === "text" ? textBlock(part.text) : part.type === "image" ? imageBlock(part) : textBlock(textOfSource(part.source));
  if (block !== undefined) blocks.push(block);
  else if (part.type !== "text") losses.add(path, part.type, "Cohere takes pictures and text, and no files of another vendor.", "content");
}

/** Cohere refuses empty texts. */
function textBlock(text: string | undefined): JsonObject | undefined {
  return text ? { type: "text", text } : undefined;
}

function imageBlock({ source, detail }: ImagePart): JsonObject | undefined {
  const url = urlOfSource(source);
  return url === undefined ? undefined : { type: "image_url", image_url: { url, ...(detail !== undefined && { detail }) } };
}

/** A document that is text can be said. */
function textOfSource(source: MediaSource): string | undefined {
  if (source.type === "text") return source.text;
  if (source.type !== "base64") return undefined;
  const isText = source.mediaType.startsWith("text/") || source.mediaType === "application/json";
  return isText ? textOfBase64(source.data) : undefined;
}

function noteCache(part: Pick<TextPart, "cache">, path: string, losses: Losses): void {
  if (part.cache !== undefined) losses.add(`${path}.cache`, "cache_control", "Cohere caches by itself and takes no marks.");
}

function encodeAssistant(parts: readonly AssistantPart[], path: string, losses: Losses): JsonObject[] {
  const texts: JsonObject[] = [];
  const thoughts: string[] = [];
  const calls: JsonObject[] = [];
  const hasCalls = parts.some(({ type }) => type === "tool-call");
  for (const [index, part] of parts.entries()) {
    const at = `${path}.parts[${index}]`;
    if (part.type !== "foreign") {
      losses.addBags(part.bags, WIRE, at);
      noteCache(part, at, losses);
    }
    switch (part.type) {
      case "text":
        if (part.citations !== undefined) losses.add(`${at}.citations`, "citations", "Cohere takes none back.");
        texts.push(...(textBlock(part.text) ? [{ type: "text", text: part.text }] : []));
        break;
      case "refusal":
        texts.push(...(textBlock(part.text) ? [{ type: "text", text: part.text }] : []));
        break;
      case "reasoning":
        // All models take back what was thought before a call, as its plan; what was thought before an answer no longer matters to them.
        if (part.opaque !== undefined) losses.add(at, "reasoning", `Only ${part.opaque.issuer} can read it.`);
        else if (hasCalls) thoughts.push(...part.texts.map(({ text }) => text));
        else losses.add(at, "reasoning", "Cohere takes back only what was thought before a call.");
        break;
      case "tool-call":
        if (part.opaque !== undefined) losses.add(at, "signature", `Only ${part.opaque.issuer} can read it.`);
        calls.push(encodeCall(part));
        break;
      case "foreign":
        if (!part.isNote) losses.add(at, String(part.json["type"] ?? "part"), `Only ${part.wire} knows it.`, "content");
        break;
      default:
        part satisfies never;
    }
  }
  const plan = thoughts.join("\n\n");
  if (texts.length + calls.length === 0) return [];
  return [
    {
      role: "assistant",
      ...(texts.length > 0 && { content: contentOf(texts) }),
      ...(plan !== "" && { tool_plan: plan }),
      ...(calls.length > 0 && { tool_calls: calls }),
    },
  ];
}

/** What is no object would be refused, and comes where a call was cut off. */
function encodeCall(part: ToolCallPart): JsonObject {
  const text = part.kind === undefined && isObject(part.argumentsJson) ? part.argumentsJson : JSON.stringify(argumentsObject(part));
  return { id: part.id, type: "function", function: { name: shortToolName(part.name), arguments: text } };
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false; // Cut off, or free text.
  }
}
