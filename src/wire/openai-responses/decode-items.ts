import type {
  AssistantPart,
  ForeignPart,
  ReasoningPart,
  ReasoningText,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from "../../ir/chat-parts.ts";
import { bag, type Message } from "../../ir/chat.ts";
import type { Fields } from "../fields.ts";
import { unseal } from "../opaque.ts";
import { OPENAI_RESPONSES as WIRE } from "../wire-names.ts";
import {
  charactersOfPart,
  contentFields,
  decodeSaidIn,
  decodeSaidPart,
  decodeShownPart,
  decodeTextOnly,
  decodeUserPart,
} from "./decode-parts.ts";

const CALL = new Set(["type", "id", "status", "call_id", "name", "arguments", "input"]);
const REASONING = new Set(["type", "id", "status", "summary", "content", "encrypted_content"]);
const RESULT = new Set(["type", "id", "status", "call_id", "output"]);
const MESSAGE = new Set(["type", "id", "status", "role", "content"]);

/** Reads `input`: neighbouring items of the model's are one turn, and so are neighbouring results of tools. */
export function decodeItems(items: readonly Fields[]): Message[] {
  const out: Message[] = [];
  for (const item of items) {
    const type = item.stringMaybe("type") ?? "message"; // Messages may leave it out.
    if (type === "message") pushMessage(out, item);
    else if (type === "function_call_output" || type === "custom_tool_call_output") pushUser(out, decodeResult(item, type));
    else pushAssistant(out, [decodeModelItem(item)]);
  }
  return out;
}

function pushMessage(out: Message[], message: Fields): void {
  const role = message.string("role");
  const bags = bag(WIRE, message.rest(MESSAGE));
  switch (role) {
    case "user":
      out.push({ role, parts: contentFields(message, "content").map(decodeUserPart), ...(bags && { bags }) });
      return;
    case "system":
    case "developer":
      out.push({ role, parts: contentFields(message, "content").map(decodeTextOnly), ...(bags && { bags }) });
      return;
    case "assistant":
      pushAssistant(out, decodeSaid(message, 0));
      return;
    default:
      throw message.wrong("role", '"user", "system", "developer" or "assistant"');
  }
}

function pushUser(out: Message[], part: UserPart): void {
  const last = out.at(-1);
  const joins = last?.role === "user" && last.parts.length > 0 && last.parts.every((other) => other.type === "tool-result");
  if (joins) out[out.length - 1] = { ...last, parts: [...last.parts, part] };
  else out.push({ role: "user", parts: [part] });
}

function pushAssistant(out: Message[], parts: readonly AssistantPart[]): void {
  const last = out.at(-1);
  if (last?.role === "assistant") out[out.length - 1] = { ...last, parts: [...last.parts, ...parts] };
  else out.push({ role: "assistant", parts });
}

/** Reads `output`: everything that the model said. */
export function decodeOutput(items: readonly Fields[]): AssistantPart[] {
  const parts: AssistantPart[] = [];
  let characters = 0;
  for (const item of items) {
    const read = item.string("type") === "message" ? decodeSaid(item, characters) : [decodeModelItem(item)];
    for (const part of read) characters += charactersOfPart(part);
    parts.push(...read);
  }
  return parts;
}

function decodeSaid(message: Fields, before: number): AssistantPart[] {
  const item = decodeSaidIn(message);
  let characters = before;
  return contentFields(message, "content").map((content) => {
    const part = decodeSaidPart(content, item, characters);
    characters += charactersOfPart(part);
    return part;
  });
}

/** Reads an item of the model's that is no message. */
export function decodeModelItem(item: Fields): AssistantPart {
  switch (item.string("type")) {
    case "reasoning":
      return decodeReasoning(item);
    case "function_call":
      return decodeCall(item, "arguments");
    case "custom_tool_call":
      return { ...decodeCall(item, "input"), kind: "custom" };
    default: {
      const foreign: ForeignPart = { type: "foreign", wire: WIRE, json: item.json };
      return foreign;
    }
  }
}

function decodeReasoning(item: Fields): ReasoningPart {
  const texts: ReasoningText[] = [
    ...(item.objectsMaybe("summary") ?? []).map((piece) => ({ form: "summary", text: piece.string("text") }) as const),
    ...(item.objectsMaybe("content") ?? []).map((piece) => ({ form: "raw", text: piece.string("text") }) as const),
  ];
  const encrypted = item.stringMaybe("encrypted_content");
  const itemId = item.stringMaybe("id");
  const bags = bag(WIRE, item.rest(REASONING));
  return {
    type: "reasoning",
    texts,
    ...(encrypted && { opaque: unseal(encrypted, WIRE, "encrypted") }),
    ...(itemId && { itemId }),
    ...(bags && { bags }),
  };
}

function decodeCall(item: Fields, key: "arguments" | "input"): ToolCallPart {
  const itemId = item.stringMaybe("id");
  const bags = bag(WIRE, item.rest(CALL));
  return {
    type: "tool-call",
    id: item.string("call_id"),
    name: item.string("name"),
    argumentsJson: item.stringMaybe(key) ?? "",
    ...(itemId && { itemId }),
    ...(bags && { bags }),
  };
}

function decodeResult(item: Fields, type: string): ToolResultPart {
  const bags = bag(WIRE, item.rest(RESULT));
  return {
    type: "tool-result",
    id: item.string("call_id"),
    parts: contentFields(item, "output").map(decodeShownPart),
    ...(type === "custom_tool_call_output" && { kind: "custom" }),
    ...(bags && { bags }),
  };
}
