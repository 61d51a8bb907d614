import type { CacheMark } from "../ir/chat-parts.ts";
import type { ChatRequest, Message, Tool } from "../ir/chat.ts";

/** Shorter prompts are cached by nobody. Bytes of a request. */
export const MARKED_BYTES_MIN = 4096;

/**
 * Marks where a prompt is to be cached, for a client whose format has no marks: behind the tools, behind the system prompt, and behind the last two turns of
 * the user. That makes four, which is all that providers take; and since the last turn of one request is the last but one of the next, there is always a mark
 * where the request before has written. Nothing but marks changes from turn to turn.
 * @returns The same request if there is any mark in it: the client knows better.
 */
export function withCacheMarks(request: ChatRequest, cache: CacheMark): ChatRequest {
  if (isMarked(request)) return request;
  const { messages, tools } = request;
  const first = messages.findIndex(({ role }) => role !== "system" && role !== "developer");
  const system = (first === -1 ? messages.length : first) - 1;
  const turns = [...messages.entries()].filter(([, { role }]) => role === "user").map(([at]) => at);
  const places = new Set([system, ...turns.slice(-2)]);
  return {
    ...request,
    messages: messages.map((message, at) => (places.has(at) ? markedMessage(message, cache) : message)),
    ...(tools !== undefined && { tools: markedTools(tools, cache) }),
  };
}

function isMarked({ messages, tools = [] }: ChatRequest): boolean {
  if (tools.some((tool) => tool.type !== "hosted" && tool.cache !== undefined)) return true;
  return messages.some(({ parts }) => parts.some((part) => part.type !== "foreign" && part.cache !== undefined));
}

function markedTools(tools: readonly Tool[], cache: CacheMark): readonly Tool[] {
  const at = tools.findLastIndex(({ type }) => type !== "hosted");
  const tool = tools[at];
  return tool === undefined || tool.type === "hosted" ? tools : tools.with(at, { ...tool, cache });
}

/** On the last part that can bear a mark: empty texts are left out on the way, and with them their marks. */
function markedMessage(message: Message, cache: CacheMark): Message {
  const { role } = message;
  if (role === "assistant") return message;
  const at = message.parts.findLastIndex(
    (part) => part.type !== "foreign" && part.type !== "audio" && (part.type !== "text" || part.text !== ""),
  );
  const mark = <Part extends { readonly type: string }>(part: Part, index: number): Part => (index === at ? { ...part, cache } : part);
  return role === "user" ? { ...message, parts: message.parts.map(mark) } : { ...message, parts: message.parts.map(mark) };
}
