import type { AssistantPart, MediaSource, TextPart, ToolOutputPart, ToolResultPart, UserPart } from "../../ir/chat-parts.ts";
import { bagOf, type Message } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { argumentsObject } from "../call-arguments.ts";
import { textOfBase64 } from "../media.ts";
import { OLLAMA_CHAT as WIRE } from "../wire-names.ts";

/** What was said: one text, and pictures beside it, for the format has no parts. */
interface Said {
  readonly texts: string[];
  readonly images: string[];
}

/** Writes `messages`. */
export function encodeMessages(messages: readonly Message[], losses: Losses): JsonObject[] {
  const names = new Map<string, string>();
  return messages.flatMap((message, index): JsonObject[] => {
    const path = `messages[${index}]`;
    losses.addBags(message.bags, WIRE, path);
    const rest = bagOf(message.bags, WIRE);
    switch (message.role) {
      case "system":
      case "developer":
        return written("system", saidBy(message.parts, path, losses), rest);
      case "user":
        return encodeUser(message.parts, names, rest, path, losses);
      case "assistant":
        for (const part of message.parts) if (part.type === "tool-call") names.set(part.id, part.name);
        return encodeAssistant(message.parts, rest, path, losses);
      default:
        return message satisfies never;
    }
  });
}

function written(role: "system" | "user", { texts, images }: Said, rest: JsonObject | undefined): JsonObject[] {
  if (texts.length + images.length === 0 && rest === undefined) return [];
  return [{ role, content: texts.join("\n"), ...(images.length > 0 && { images }), ...rest }];
}

/** Results of tools become messages of their own, all of them before anything else that the user said. */
function encodeUser(
  parts: readonly UserPart[],
  names: ReadonlyMap<string, string>,
  rest: JsonObject | undefined,
  path: string,
  losses: Losses,
): JsonObject[] {
  const results: JsonObject[] = [];
  const said: Said = { texts: [], images: [] };
  for (const [index, part] of parts.entries()) {
    const at = `${path}.parts[${index}]`;
    if (part.type === "tool-result") results.push(encodeResult(part, names.get(part.id), at, losses));
    else if (part.type === "audio") losses.add(at, "audio", "Ollama takes no sound.", "content");
    else say(said, part, at, losses);
  }
  return [...results, ...written("user", said, rest)];
}

function encodeResult(part: ToolResultPart, name: string | undefined, path: string, losses: Losses): JsonObject {
  losses.addBags(part.bags, WIRE, path);
  noteCache(part, path, losses);
  const { texts, images } = saidBy(part.parts, path, losses);
  return {
    role: "tool",
    content: [...(part.isError ? ["The tool failed:"] : []), ...texts].join("\n"),
    ...(images.length > 0 && { images }),
    ...(name !== undefined && { tool_name: name }),
    tool_call_id: part.id,
    ...bagOf(part.bags, WIRE),
  };
}

function saidBy(parts: readonly ToolOutputPart[], path: string, losses: Losses): Said {
  const said: Said = { texts: [], images: [] };
  for (const [index, part] of parts.entries()) say(said, part, `${path}.parts[${index}]`, losses);
  return said;
}

function say(said: Said, part: ToolOutputPart, path: string, losses: Losses): void {
  if (part.type === "foreign") {
    if (!part.isNote) losses.add(path, String(part.json["type"] ?? "part"), `Only ${part.wire} knows it.`, "content");
    return;
  }
  losses.addBags(part.bags, WIRE, path);
  noteCache(part, path, losses);
  if (part.type === "text") said.texts.push(part.text);
  else if (part.type === "image" && part.source.type === "base64") said.images.push(part.source.data);
  else {
    const text = part.type === "file" ? textOfSource(part.source) : undefined;
    if (text === undefined) losses.add(path, part.type, "Ollama takes the bytes of pictures, and text.", "content");
    else said.texts.push(text);
  }
}

/** A document that is text can be said. */
function textOfSource(source: MediaSource): string | undefined {
  if (source.type === "text") return source.text;
  if (source.type !== "base64") return undefined;
  const isText = source.mediaType.startsWith("text/") || source.mediaType === "application/json";
  return isText ? textOfBase64(source.data) : undefined;
}

function noteCache(part: Pick<TextPart, "cache">, path: string, losses: Losses): void {
  if (part.cache !== undefined) losses.add(`${path}.cache`, "cache_control", "Ollama caches by itself and takes no marks.");
}

function encodeAssistant(parts: readonly AssistantPart[], rest: JsonObject | undefined, path: string, losses: Losses): JsonObject[] {
  const texts: string[] = [];
  const thoughts: string[] = [];
  const calls: JsonObject[] = [];
  for (const [index, part] of parts.entries()) {
    const at = `${path}.parts[${index}]`;
    if (part.type !== "foreign") {
      losses.addBags(part.bags, WIRE, at);
      noteCache(part, at, losses);
    }
    switch (part.type) {
      case "text":
        if (part.citations !== undefined) losses.add(`${at}.citations`, "citations", "Ollama takes none back.");
        texts.push(part.text);
        break;
      case "refusal":
        texts.push(part.text);
        break;
      case "reasoning":
        if (part.opaque === undefined) thoughts.push(...part.texts.map(({ text }) => text));
        else losses.add(at, "reasoning", `Only ${part.opaque.issuer} can read it.`);
        break;
      case "tool-call":
        if (part.opaque !== undefined) losses.add(at, "signature", `Only ${part.opaque.issuer} can read it.`);
        calls.push(encodeCall(part, calls.length));
        break;
      case "foreign":
        if (!part.isNote) losses.add(at, String(part.json["type"] ?? "part"), `Only ${part.wire} knows it.`, "content");
        break;
      default:
        part satisfies never;
    }
  }
  const content = texts.join("\n");
  if (content === "" && thoughts.length + calls.length === 0) return [];
  return [
    {
      role: "assistant",
      content,
      ...(thoughts.length > 0 && { thinking: thoughts.join("\n\n") }),
      ...(calls.length > 0 && { tool_calls: calls }),
      ...rest,
    },
  ];
}

/** Writes a call, whose arguments are an object: a text makes Ollama's templates fail on the next turn. */
export function encodeCall(part: Extract<AssistantPart, { type: "tool-call" }>, index: number): JsonObject {
  return { id: part.id, function: { index, name: part.name, arguments: argumentsObject(part) } };
}
