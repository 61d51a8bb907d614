import type { AssistantPart, Bags, Opaque, TextPart, ToolCallPart, ToolResultPart } from "../../ir/chat-parts.ts";
import { bag, type Message } from "../../ir/chat.ts";
import { type Fields, textOf } from "../fields.ts";
import { OPENAI_CHAT as WIRE } from "../wire-names.ts";
import {
  contentFields,
  decodeAnnotation,
  decodeCacheMark,
  decodeShownPart,
  decodeTextOnly,
  decodeTextPart,
  decodeUserPart,
  foreignPart,
} from "./decode-parts.ts";
import { decodeReasoning } from "./decode-reasoning.ts";

const PLAIN = new Set(["role", "content", "cache_control"]);
const ASSISTANT = new Set([
  ...["role", "content", "refusal", "tool_calls", "function_call", "annotations", "audio", "images"],
  ...["reasoning_content", "reasoning", "reasoning_details", "cache_control"],
]);
const TOOL = new Set(["role", "content", "tool_call_id", "cache_control"]);
const CALL = new Set(["id", "type", "index", "function", "custom", "extra_content"]);

/** Reads `messages`. Results of tools that stand side by side become one turn of the user's. */
export function decodeMessages(messages: readonly Fields[]): Message[] {
  const out: Message[] = [];
  // The old form of calls has no ids: its results are joined to the last call of their name, and both get an id here.
  const oldIds = new Map<string, string>();
  for (const [index, message] of messages.entries()) {
    const role = message.string("role");
    switch (role) {
      case "system":
      case "developer":
        out.push({ role, parts: marked(message, contentFields(message).map(decodeTextOnly)), ...rest(message, PLAIN) });
        break;
      case "user":
        out.push({ role, parts: marked(message, contentFields(message).map(decodeUserPart)), ...rest(message, PLAIN) });
        break;
      case "assistant": {
        const oldName = message.objectMaybe("function_call")?.string("name");
        if (oldName !== undefined) oldIds.set(oldName, `call_old_${index}`);
        out.push({
          role,
          parts: marked(
            message,
            decodeAssistant(message, (call) => (call === undefined ? `call_old_${index}` : `call_old_${index}_${call}`)),
          ),
          ...rest(message, ASSISTANT),
        });
        break;
      }
      case "tool":
        addResult(out, decodeResult(message, message.string("tool_call_id")));
        break;
      case "function":
        addResult(out, decodeResult(message, oldIds.get(message.string("name")) ?? `call_old_${message.string("name")}`));
        break;
      default:
        throw message.wrong("role", '"system", "developer", "user", "assistant" or "tool"');
    }
  }
  return out;
}

function rest(message: Fields, known: ReadonlySet<string>): { readonly bags?: Bags } {
  const bags = bag(WIRE, message.rest(known));
  return bags ? { bags } : {};
}

/** A cache mark on a message, which some providers of this format take, is one on its last part. */
function marked<P extends { readonly type: string }>(message: Fields, parts: P[]): P[] {
  const cache = decodeCacheMark(message);
  const last = parts.at(-1);
  return cache === undefined || last === undefined || last.type === "foreign" ? parts : [...parts.slice(0, -1), { ...last, cache }];
}

function addResult(out: Message[], result: ToolResultPart): void {
  const last = out.at(-1);
  const joins = last?.role === "user" && last.parts.length > 0 && last.parts.every((part) => part.type === "tool-result");
  if (joins) out[out.length - 1] = { ...last, parts: [...last.parts, result] };
  else out.push({ role: "user", parts: [result] });
}

function decodeResult(message: Fields, id: string): ToolResultPart {
  const cache = decodeCacheMark(message);
  const parts = message.has("content") ? contentFields(message).map(decodeShownPart) : [];
  return { type: "tool-result", id, parts, ...(cache && { cache }), ...rest(message, TOOL) };
}

/**
 * Reads what the model said, in a request's history or in an answer: reasoning, words, then calls, since the format keeps no other order.
 * @param idOf Makes the id of the n-th call that has none; without n, that of a call in the old form.
 */
export function decodeAssistant(message: Fields, idOf: (call?: number) => string): AssistantPart[] {
  const parts: AssistantPart[] = [...decodeReasoning(message)];
  if (message.has("content")) parts.push(...contentFields(message).flatMap(decodeAssistantPart));
  const refusal = message.stringMaybe("refusal");
  if (refusal) parts.push({ type: "refusal", text: refusal });
  for (const field of ["audio", "images"] as const) {
    if (message.has(field)) parts.push({ type: "foreign", wire: WIRE, json: { type: field, [field]: message.json[field] } });
  }
  for (const [index, call] of (message.objectsMaybe("tool_calls") ?? []).entries()) parts.push(decodeCall(call, () => idOf(index)));
  const oldCall = message.objectMaybe("function_call");
  if (oldCall)
    parts.push({ type: "tool-call", id: idOf(), name: oldCall.string("name"), argumentsJson: oldCall.stringMaybe("arguments") ?? "" });
  return withAnnotations(parts, message);
}

/** Mistral writes content as a list that holds thinking as well. https://docs.mistral.ai/capabilities/reasoning */
export function decodeAssistantPart(part: Fields): AssistantPart[] {
  switch (part.string("type")) {
    case "text":
      return part.string("text") === "" ? [] : [decodeTextPart(part)];
    case "refusal":
      return [{ type: "refusal", text: part.string("refusal") }];
    case "thinking": {
      const text = textOfThinking(part);
      return text === "" ? [] : [{ type: "reasoning", texts: [{ form: "summary", text }] }];
    }
    default:
      return [foreignPart(part)];
  }
}

/** The words of Mistral's `thinking`, a string or a list of texts. */
export function textOfThinking(part: Fields): string {
  const value = part.json["thinking"];
  if (typeof value === "string") return value;
  return part
    .objects("thinking")
    .map((piece) => piece.stringMaybe("text") ?? "")
    .join("");
}

/** @param id For providers that give none. */
function decodeCall(call: Fields, id: () => string): ToolCallPart {
  const custom = call.objectMaybe("custom");
  const common = { type: "tool-call", id: call.stringMaybe("id") || id() } as const;
  const bags = rest(call, CALL);
  if (custom) return { ...common, name: custom.string("name"), argumentsJson: custom.string("input"), kind: "custom", ...bags };
  const called = call.object("function");
  const opaque = decodeThoughtSignature(call);
  return { ...common, name: called.string("name"), argumentsJson: argumentsOf(called), ...(opaque && { opaque }), ...bags };
}

/** Arguments are a text; some providers write the object itself. */
export function argumentsOf(called: Fields): string {
  const value = called.json["arguments"];
  if (value === undefined || value === null) return "";
  return typeof value === "object"
    ? textOf(called.object("arguments").json, called.at("arguments"), called.fault)
    : called.string("arguments");
}

/** Gemini's signature of a call, where Google's own compatibility layer puts it. https://ai.google.dev/gemini-api/docs/thought-signatures */
export function decodeThoughtSignature(call: Fields): Opaque | undefined {
  const value = call.objectMaybe("extra_content")?.objectMaybe("google")?.stringMaybe("thought_signature");
  return value ? { issuer: "gemini-generate", kind: "signature", value } : undefined;
}

function withAnnotations(parts: AssistantPart[], message: Fields): AssistantPart[] {
  const citations = message.objectsMaybe("annotations")?.map(decodeAnnotation) ?? [];
  const at = parts.findLastIndex((part) => part.type === "text");
  if (citations.length === 0 || at === -1) return parts;
  const cited: TextPart = { ...(parts[at] as TextPart), citations }; // Found by its type in the line above.
  return parts.with(at, cited);
}
