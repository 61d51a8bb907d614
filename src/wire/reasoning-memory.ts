import { createHash } from "node:crypto";
import type { AssistantPart, Opaque, ReasoningPart, ToolCallPart } from "../ir/chat-parts.ts";
import type { Message } from "../ir/chat.ts";

/**
 * What is remembered of one issuer's reasoning for one tenant: whoever makes it sees to it that nobody else's is in it. What a client's format has no place
 * for is kept here when it is answered, and put back when the client comes with the next turn.
 */
export interface ReasoningMemory {
  get(key: string): string | undefined;
  put(key: string, value: string): void;
}

/** What is to be changed in a request that was refused for its reasoning: all of it goes, or what nobody remembers is there and empty. */
export type ReasoningMending = "strip" | "blank";

/** Under this key an issuer is remembered to have asked for its reasoning. */
export const REASONING_WANTED = "wanted";

/** What a turn was made of besides what the client will send again: its reasoning, and between what it stood. */
type Remembered =
  | (ReasoningPart & { readonly type: "reasoning" })
  | { readonly type: "tool-call"; readonly opaque?: Opaque; readonly itemId?: string }
  | { readonly type: "text" };

/** Ids that are counted and not drawn, so that another conversation may have the same. Kimi counts by the tool's name. */
const COUNTED = /^(?:.{0,11}|(?:call|toolu|tool)?[_-]?\d{1,8}|functions\..+:\d+)$/;
/** So much of what a conversation begins with tells it from others. Characters. */
const BEGINNING_MAX = 4096;

/**
 * Puts back what the client's format dropped. A turn that still has what only its issuer can read is left as it is.
 * @returns The same list where there is nothing to put back.
 */
export function recallReasoning(messages: readonly Message[], memory: ReasoningMemory): readonly Message[] {
  let beginning: string | undefined;
  let recalled: Message[] | undefined;
  for (const [at, message] of messages.entries()) {
    if (message.role !== "assistant" || isComplete(message.parts)) continue;
    beginning ??= beginningOf(messages);
    const value = find(keysOf(message.parts, beginning), memory);
    if (value === undefined) continue;
    recalled ??= [...messages];
    recalled[at] = { ...message, parts: rebuilt(message.parts, JSON.parse(value) as readonly Remembered[]) }; // Only `keepReasoning` writes them.
  }
  return recalled ?? messages;
}

/** Keeps a turn's reasoning, if it has any that the client might have to bring again. */
export function keepReasoning(parts: readonly AssistantPart[], beginning: string, memory: ReasoningMemory): void {
  const hasCalls = parts.some((part) => part.type === "tool-call");
  // Words alone need their reasoning back only where it vouches for them.
  const isWorth = parts.some((part) => (part.type === "reasoning" && (hasCalls || isOpaque(part))) || isSigned(part));
  if (!isWorth) return;
  const [key, ...more] = keysOf(parts, beginning);
  if (key === undefined) return;
  // The first of two equal turns stays, so that what was sent once is sent again byte for byte.
  if (!hasCalls && memory.get(key) !== undefined) return;
  memory.put(key, JSON.stringify(parts.flatMap(rememberedOf)));
  for (const other of more) memory.put(other, `@${key}`);
}

/** An empty reasoning for each turn of tools that has none, for providers that look only for its being there. */
export function withBlankReasoning(messages: readonly Message[]): readonly Message[] {
  return messages.map((message): Message => {
    if (message.role !== "assistant") return message;
    const { parts } = message;
    if (!parts.some((part) => part.type === "tool-call") || parts.some((part) => part.type === "reasoning")) return message;
    return { ...message, parts: [{ type: "reasoning", texts: [{ form: "raw", text: "" }] }, ...parts] };
  });
}

/** All reasoning taken out, with every signature: what is left is refused by nobody for what somebody else signed. */
export function withoutReasoning(messages: readonly Message[]): readonly Message[] {
  return messages.map((message): Message => {
    if (message.role !== "assistant") return message;
    const parts = message.parts.flatMap((part): AssistantPart[] => {
      if (part.type === "reasoning") return [];
      if (part.type !== "tool-call") return [part];
      const { opaque: _, ...call } = part;
      return [call];
    });
    return { ...message, parts };
  });
}

/** Whether the model is in the middle of a loop of tools: the last that was said are their results. */
export function isAmidTools(messages: readonly Message[]): boolean {
  const last = messages.at(-1);
  return last?.role === "user" && last.parts.some((part) => part.type === "tool-result");
}

/** What a conversation begins with, as far as it tells it from others. */
export function beginningOf(messages: readonly Message[]): string {
  const first = messages.find(({ role }) => role === "user");
  const texts = first?.parts.map((part) => (part.type === "text" ? part.text : "")) ?? [];
  return texts.join("").slice(0, BEGINNING_MAX);
}

/**
 * What a turn is found by: its first call, by its id and all that it says; where the client's format has no ids, by what it says alone. A turn without calls is
 * found by its words.
 */
export function keysOf(parts: readonly AssistantPart[], beginning: string): string[] {
  const call = parts.find((part) => part.type === "tool-call");
  if (call === undefined) {
    const text = parts.map((part) => (part.type === "text" ? part.text : "")).join("");
    return text === "" ? [] : [hashOf("text", beginning, text)];
  }
  const said = [call.name, argumentsOf(call)];
  return [
    hashOf("call", call.id, ...said, COUNTED.test(call.id) ? beginning : ""),
    hashOf("calls", beginning, ...said, String(parts.filter((part) => part.type === "tool-call").length)),
  ];
}

/** Looks under one key after the other. */
export function find(keys: readonly string[], memory: ReasoningMemory): string | undefined {
  for (const key of keys) {
    const value = memory.get(key);
    if (value === undefined) continue;
    if (!value.startsWith("@")) return value;
    const meant = memory.get(value.slice(1));
    if (meant !== undefined) return meant;
  }
  return undefined;
}

/** Puts what was remembered of a turn between its parts. */
export function rebuilt(parts: readonly AssistantPart[], remembered: readonly Remembered[]): AssistantPart[] {
  // Reasoning that the client shows in words of its own is the same as what was remembered, without what vouches for it.
  const rest = parts.filter((part) => part.type !== "reasoning");
  const out: AssistantPart[] = [];
  let next = 0;
  const positionOf = (type: AssistantPart["type"]): number => rest.findIndex((part, at) => at >= next && part.type === type);
  for (const item of remembered) {
    if (item.type === "reasoning") {
      out.push(item);
      continue;
    }
    const call = positionOf("tool-call");
    const at = item.type === "tool-call" ? call : positionOf("text");
    if (at === -1 || (item.type === "text" && call !== -1 && call < at)) continue;
    out.push(...rest.slice(next, at));
    const part = rest[at]!; // Its place was just found.
    out.push(item.type === "tool-call" && part.type === "tool-call" ? withOpaque(part, item) : part);
    next = at + 1;
  }
  return [...out, ...rest.slice(next)];
}

function withOpaque(part: ToolCallPart, { opaque, itemId }: { readonly opaque?: Opaque; readonly itemId?: string }): ToolCallPart {
  return { ...part, ...(opaque && { opaque }), ...(itemId !== undefined && part.itemId === undefined && { itemId }) };
}

function rememberedOf(part: AssistantPart): Remembered[] {
  switch (part.type) {
    case "reasoning":
      return [part];
    case "tool-call": {
      const { opaque, itemId } = part;
      return [{ type: "tool-call", ...(opaque && { opaque }), ...(itemId !== undefined && { itemId }) }];
    }
    case "text":
      return [{ type: "text" }];
    default:
      return [];
  }
}

function isSigned(part: AssistantPart): boolean {
  return part.type === "tool-call" && isOpaque(part);
}

function isComplete(parts: readonly AssistantPart[]): boolean {
  return parts.some((part) => (part.type === "reasoning" || part.type === "tool-call") && isOpaque(part));
}

/** Whether there is what only an issuer can read. Clients of Gemini say by these words that they have lost it. */
function isOpaque({ opaque }: { readonly opaque?: Opaque }): boolean {
  return (
    opaque !== undefined && opaque.value !== "skip_thought_signature_validator" && opaque.value !== "context_engineering_is_the_way_to_go"
  );
}

/** Arguments in one spelling, since clients write them anew. */
function argumentsOf({ kind, argumentsJson }: ToolCallPart): string {
  if (kind === "custom") return argumentsJson;
  try {
    return JSON.stringify(JSON.parse(argumentsJson === "" ? "{}" : argumentsJson, sorted));
  } catch {
    return argumentsJson;
  }
}

function sorted(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function hashOf(...words: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(words)).digest("base64url");
}
