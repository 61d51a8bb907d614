import type { Message } from "../../ir/chat.ts";
import { bagOf } from "../../ir/chat.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { contentOf, encodeAssistantParts, encodeUserParts } from "./encode-blocks.ts";
import { ANTHROPIC_MESSAGES as WIRE } from "../wire-names.ts";

/** A message while its neighbours may still be merged into it. */
interface Turn {
  readonly role: "user" | "assistant" | "system";
  blocks: JsonObject[];
  rest: JsonObject;
}

/**
 * Writes the system prompt and the messages.
 *
 * Neighbours of one role become one message, since providers other than Anthropic refuse them, and since all results of one turn of calls
 * must stand together, before anything else that the user said.
 */
export function encodeConversation(
  messages: readonly Message[],
  systemAnywhere: boolean,
  losses: Losses,
): { readonly system: Json | undefined; readonly messages: JsonObject[] } {
  let leading = messages.findIndex((message) => message.role !== "system" && message.role !== "developer");
  // Nobody has said anything yet: the last instruction is then the question, for a request without messages is refused.
  if (leading === -1) leading = Math.max(0, messages.length - 1);
  const system = messages.slice(0, leading).flatMap((message, index) => encodeSystem(message, `messages[${index}]`, losses));
  const turns: Turn[] = [];
  for (const [index, message] of messages.entries()) {
    if (index >= leading) addTurn(turns, encodeTurn(message, `messages[${index}]`, systemAnywhere, losses));
  }
  trimPrefill(turns.at(-1));
  const written = turns
    .filter((turn) => turn.blocks.length > 0)
    .map((turn) => ({ role: turn.role, content: contentOf(resultsFirst(turn.blocks)), ...turn.rest }));
  return { system: system.length === 0 ? undefined : contentOf(system), messages: written };
}

function encodeTurn(message: Message, path: string, systemAnywhere: boolean, losses: Losses): Turn {
  losses.addBags(message.bags, WIRE, path);
  const rest = bagOf(message.bags, WIRE) ?? {};
  switch (message.role) {
    case "user":
      return { role: "user", blocks: encodeUserParts(message.parts, path, losses), rest };
    case "assistant":
      return { role: "assistant", blocks: encodeAssistantParts(message.parts, "provider", path, losses), rest };
    case "system":
    case "developer":
      if (!systemAnywhere)
        losses.add(`${path}.role`, "role", "Here the model takes instructions only at the start; this one is said by the user.");
      return { role: systemAnywhere ? "system" : "user", blocks: encodeUserParts(message.parts, path, losses), rest };
    default:
      return message satisfies never;
  }
}

function encodeSystem(message: Message, path: string, losses: Losses): JsonObject[] {
  losses.addBags(message.bags, WIRE, path);
  return message.role === "assistant" ? [] : encodeUserParts(message.parts, path, losses);
}

function addTurn(turns: Turn[], turn: Turn): void {
  if (turn.blocks.length === 0) return; // All of it was lost, and said so.
  const last = turns.at(-1);
  if (last?.role !== turn.role) {
    turns.push(turn);
    return;
  }
  last.blocks = [...last.blocks, ...turn.blocks];
  last.rest = { ...last.rest, ...turn.rest };
}

function resultsFirst(blocks: readonly JsonObject[]): readonly JsonObject[] {
  const isResult = (block: JsonObject): boolean => block["type"] === "tool_result";
  return [...blocks.filter(isResult), ...blocks.filter((block) => !isResult(block))];
}

/** The beginning of an answer that the model is to go on with may not end in blanks. */
function trimPrefill(turn: Turn | undefined): void {
  const last = turn?.role === "assistant" ? turn.blocks.at(-1) : undefined;
  if (turn === undefined || last?.["type"] !== "text" || typeof last["text"] !== "string") return;
  const text = last["text"].trimEnd();
  turn.blocks = [...turn.blocks.slice(0, -1), ...(text === "" ? [] : [{ ...last, text }])];
}
