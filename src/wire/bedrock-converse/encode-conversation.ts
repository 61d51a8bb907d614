import type { Message } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { BEDROCK_CONVERSE as WIRE } from "../wire-names.ts";
import { BlockWriter } from "./encode-blocks.ts";
import type { ModelTraits } from "./traits.ts";

/** A message while its neighbours may still be merged into it. */
interface Turn {
  readonly role: "user" | "assistant";
  readonly blocks: readonly JsonObject[];
}

/** Writes `system` and `messages`. Roles have to alternate, so neighbours of one role become one message, with all results of tools at its beginning. */
export function encodeConversation(
  messages: readonly Message[],
  traits: ModelTraits,
  losses: Losses,
): { readonly system: readonly JsonObject[]; readonly messages: readonly JsonObject[] } {
  const writer = new BlockWriter(traits, losses);
  let leading = messages.findIndex(({ role }) => role !== "system" && role !== "developer");
  // Nobody has said anything yet: the last instruction is then the question, for a request without messages is refused.
  if (leading === -1) leading = Math.max(0, messages.length - 1);
  const system: JsonObject[] = [];
  const turns: Turn[] = [];
  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}]`;
    losses.addBags(message.bags, WIRE, path);
    const blocks = message.role === "assistant" ? writer.assistant(message.parts, path) : writer.user(message.parts, path);
    if (message.role === "system" || message.role === "developer") {
      if (index < leading) {
        system.push(...blocks);
        continue;
      }
      losses.add(`${path}.role`, "role", "Here the model takes instructions only at the start; this one is said by the user.");
    }
    addTurn(turns, { role: message.role === "assistant" ? "assistant" : "user", blocks });
  }
  return {
    system,
    messages: turns.map(({ role, blocks }, index) => ({ role, content: finished(blocks, role, index === turns.length - 1) })),
  };
}

function addTurn(turns: Turn[], turn: Turn): void {
  const last = turns.at(-1);
  if (turn.blocks.length === 0) return; // All of it was lost, and said so, or it was blank.
  if (last?.role === turn.role) turns[turns.length - 1] = { role: turn.role, blocks: [...last.blocks, ...turn.blocks] };
  else turns.push(turn);
}

/** What each provider's message has to keep to. */
function finished(blocks: readonly JsonObject[], role: Turn["role"], isLast: boolean): readonly JsonObject[] {
  if (role === "user") return withText([...blocks.filter(isResult), ...blocks.filter((block) => !isResult(block))]);
  const last = blocks.at(-1);
  const text = last?.["text"];
  // The beginning of an answer that the model is to go on with may not end in blanks.
  return isLast && typeof text === "string" ? [...blocks.slice(0, -1), { ...last, text: text.trimEnd() }] : blocks;
}

function isResult(block: JsonObject): boolean {
  return block["toolResult"] !== undefined;
}

/** A document has to have a text beside it; its name says the least. */
function withText(blocks: readonly JsonObject[]): readonly JsonObject[] {
  const document = blocks.find((block) => block["document"] !== undefined)?.["document"] as JsonObject | undefined; // Written by us.
  return document === undefined || blocks.some((block) => block["text"] !== undefined)
    ? blocks
    : [...blocks, { text: String(document["name"]) }];
}
