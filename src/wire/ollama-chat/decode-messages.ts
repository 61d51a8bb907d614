import type { AssistantPart, ImagePart, TextPart, ToolCallPart, ToolResultPart } from "../../ir/chat-parts.ts";
import { bag, type Message } from "../../ir/chat.ts";
import { type Fields, textOf } from "../fields.ts";
import { sourceOfUrl } from "../media.ts";
import { OLLAMA_CHAT as WIRE } from "../wire-names.ts";

const PLAIN = new Set(["role", "content", "images"]);
const ASSISTANT = new Set([...PLAIN, "thinking", "tool_calls"]);
const TOOL = new Set([...PLAIN, "tool_name", "tool_call_id", "name"]);

/** A call that has no answer yet. */
interface OpenCall {
  readonly id: string;
  readonly name: string;
}

/** Reads `messages`. Results of tools that stand side by side become one turn of the user's. */
export function decodeMessages(messages: readonly Fields[]): Message[] {
  const out: Message[] = [];
  const open: OpenCall[] = [];
  for (const [index, message] of messages.entries()) {
    const role = message.string("role");
    switch (role) {
      case "system":
      case "developer":
        out.push({ role, parts: textOfMessage(message), ...rest(message, PLAIN) });
        break;
      case "user":
        out.push({ role, parts: [...textOfMessage(message), ...imagesOf(message)], ...rest(message, PLAIN) });
        break;
      case "assistant": {
        // Where a call stands never changes as the history grows, so neither does the id that is made for it.
        const parts = decodeAssistant(message, (call) => `call_${index}_${call}`);
        for (const part of parts) if (part.type === "tool-call") open.push({ id: part.id, name: part.name });
        out.push({ role, parts, ...rest(message, ASSISTANT) });
        break;
      }
      case "tool":
        addResult(out, decodeResult(message, open, index));
        break;
      default:
        throw message.wrong("role", '"system", "user", "assistant" or "tool"');
    }
  }
  return out;
}

/** Reads what the model said. @param idOf Makes the id of the n-th call, for those that have none. */
export function decodeAssistant(message: Fields, idOf: (call: number) => string): AssistantPart[] {
  const thinking = message.stringMaybe("thinking");
  const parts: AssistantPart[] = thinking ? [{ type: "reasoning", texts: [{ form: "raw", text: thinking }] }] : [];
  const content = message.stringMaybe("content");
  if (content) parts.push({ type: "text", text: content });
  for (const [index, call] of (message.objectsMaybe("tool_calls") ?? []).entries()) parts.push(decodeCall(call, idOf(index)));
  return parts;
}

/** Reads a call. Its arguments are an object; a text is taken for what it holds. */
export function decodeCall(call: Fields, idMade: string): ToolCallPart {
  const called = call.object("function");
  const value = called.json["arguments"];
  const argumentsJson =
    typeof value === "string"
      ? value
      : called.has("arguments")
        ? textOf(called.object("arguments").json, called.at("arguments"), called.fault)
        : "";
  return { type: "tool-call", id: call.stringMaybe("id") || idMade, name: called.string("name"), argumentsJson };
}

function textOfMessage(message: Fields): TextPart[] {
  const text = message.stringMaybe("content");
  return text ? [{ type: "text", text }] : [];
}

/** Pictures are bare base64, and what they are is told by their first bytes. */
function imagesOf(message: Fields): ImagePart[] {
  return (message.stringsMaybe("images") ?? []).map((data) => ({
    type: "image",
    source: sourceOfUrl(data.startsWith("data:") ? data : `data:image/jpeg;base64,${data}`),
  }));
}

/** Without an id a result belongs to the first call of its tool that has no answer yet, and without a name to the first one at all. */
function decodeResult(message: Fields, open: OpenCall[], index: number): ToolResultPart {
  const id = message.stringMaybe("tool_call_id");
  const name = message.stringMaybe("tool_name") ?? message.stringMaybe("name");
  const at = open.findIndex((call) => (id ? call.id === id : !name || call.name === name));
  const call = open[at];
  if (at !== -1) open.splice(at, 1);
  const bags = bag(WIRE, { ...message.rest(TOOL), ...(call === undefined && name && { tool_name: name }) });
  return {
    type: "tool-result",
    id: call?.id ?? (id || `call_unknown_${index}`),
    parts: [...textOfMessage(message), ...imagesOf(message)],
    ...(bags && Object.keys(bags[WIRE] ?? {}).length > 0 && { bags }),
  };
}

function addResult(out: Message[], result: ToolResultPart): void {
  const last = out.at(-1);
  const joins = last?.role === "user" && last.parts.length > 0 && last.parts.every((part) => part.type === "tool-result");
  if (joins) out[out.length - 1] = { ...last, parts: [...last.parts, result] };
  else out.push({ role: "user", parts: [result] });
}

function rest(message: Fields, known: ReadonlySet<string>): Pick<Message, "bags"> {
  const bags = bag(WIRE, message.rest(known));
  return bags ? { bags } : {};
}
