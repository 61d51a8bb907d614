import { madeImages, responsesImage } from "../made-images.ts";
import type { AssistantPart, ForeignPart, ReasoningPart, RefusalPart, TextPart, ToolCallPart } from "../../ir/chat-parts.ts";
import { bagOf } from "../../ir/chat.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { callIdFor } from "../call-ids.ts";
import { sealFor } from "../opaque.ts";
import { charactersOf } from "../text-length.ts";
import { shortToolName } from "../tool-names.ts";
import { OPENAI_RESPONSES as WIRE } from "../wire-names.ts";
import { encodeAnnotation } from "./encode-parts.ts";

/** To whom the items go, and what they are named after if they have no names of their own. */
export type ItemAudience =
  | { readonly type: "provider" }
  | { readonly type: "client"; readonly stem: string; readonly status: "completed" | "incomplete" };

/** Words of one message. */
type SaidPart = TextPart | RefusalPart;

/** Writes what the model said as items. Neighbouring words that were one message, or come from a format without messages, become one. */
export function encodeModelItems(parts: readonly AssistantPart[], audience: ItemAudience, path: string, losses: Losses): JsonObject[] {
  const items: JsonObject[] = [];
  let message: SaidPart[] = [];
  let characters = 0;
  const endMessage = (): void => {
    if (message.length === 0) return;
    items.push(encodeMessage(message, audience, items.length, characters, path, losses));
    for (const part of message) if (part.type === "text") characters += charactersOf(part.text);
    message = [];
  };
  for (const [index, part] of parts.entries()) {
    const at = `${path}.parts[${index}]`;
    if (part.type !== "foreign") losses.addBags(part.bags, WIRE, at);
    if (part.type === "text" || part.type === "refusal") {
      if (message.length > 0 && !isSameMessage(message[0], part)) endMessage();
      message.push(part);
      continue;
    }
    endMessage();
    const item = encodeItem(part, audience, items.length, at, losses);
    if (item !== undefined) items.push(item);
  }
  endMessage();
  return items;
}

/** Whether two parts were said in one message. */
export function isSameMessage(
  first: { readonly itemId?: string | undefined } | undefined,
  second: { readonly itemId?: string | undefined },
): boolean {
  return first?.itemId === second.itemId;
}

function encodeItem(
  part: Exclude<AssistantPart, SaidPart>,
  audience: ItemAudience,
  index: number,
  path: string,
  losses: Losses,
): JsonObject | undefined {
  switch (part.type) {
    case "tool-call":
      return encodeCall(part, audience, index);
    case "reasoning":
      if (audience.type === "provider" && !isTakenBack(part)) {
        losses.add(path, "reasoning", "OpenAI takes back only reasoning that it gave itself.");
        return undefined;
      }
      return encodeReasoning(part, audience, index);
    case "foreign":
      return encodeForeign(part, audience, index, path, losses);
    default:
      return part satisfies never;
  }
}

/** A picture that a model made is one for clients in any format; a provider only takes back those that it made itself. */
function encodeForeign(part: ForeignPart, audience: ItemAudience, index: number, path: string, losses: Losses): JsonObject | undefined {
  if (part.wire === WIRE) return part.json;
  const [image, ...more] = audience.type === "client" ? madeImages(part) : [];
  if (image === undefined || more.length > 0)
    losses.add(path, String(part.json["type"] ?? "part"), `Only ${part.wire} knows it.`, "content");
  return image && responsesImage(image, identity(undefined, "ig", audience, index).id ?? "");
}

/** What was sealed for the provider of this format, or what it stored under a name. */
function isTakenBack(part: ReasoningPart): boolean {
  return part.opaque === undefined ? part.itemId !== undefined : part.opaque.issuer === WIRE;
}

function encodeMessage(
  parts: readonly SaidPart[],
  audience: ItemAudience,
  index: number,
  characters: number,
  path: string,
  losses: Losses,
): JsonObject {
  let before = characters;
  const content = parts.map((part) => {
    if (part.type === "refusal") return { type: "refusal", refusal: part.text };
    const written = encodeText(part, before, path, losses);
    before += charactersOf(part.text);
    return written;
  });
  return {
    type: "message",
    ...identity(parts[0]?.itemId, "msg", audience, index),
    role: "assistant",
    content,
    ...bagOf(parts[0]?.bags, WIRE),
  };
}

function encodeText(part: TextPart, before: number, path: string, losses: Losses): JsonObject {
  const length = charactersOf(part.text);
  const annotations: JsonObject[] = [];
  for (const citation of part.citations ?? []) {
    const annotation = encodeAnnotation(citation, before, length);
    if (annotation !== undefined) annotations.push(annotation);
    else losses.add(`${path}.citations`, "citations", "The source has no form in the Responses format.");
  }
  return { type: "output_text", text: part.text, annotations, logprobs: part.logprobs ?? [] };
}

/** Writes a call, whole. */
export function encodeCall(part: ToolCallPart, audience: ItemAudience, index: number): JsonObject {
  const isAsked = audience.type === "provider";
  const common = { call_id: isAsked ? callIdFor("openai", part.id) : part.id, name: isAsked ? shortToolName(part.name) : part.name };
  if (part.kind === "custom") {
    return {
      type: "custom_tool_call",
      ...identity(part.itemId, "ctc", audience, index),
      ...common,
      input: part.argumentsJson,
      ...bagOf(part.bags, WIRE),
    };
  }
  const written = part.argumentsJson === "" ? "{}" : part.argumentsJson;
  return {
    type: "function_call",
    ...identity(part.itemId, "fc", audience, index),
    ...common,
    arguments: written,
    ...bagOf(part.bags, WIRE),
  };
}

/** Writes a reasoning, whole. */
export function encodeReasoning(part: ReasoningPart, audience: ItemAudience, index: number): JsonObject {
  const summary: Json[] = part.texts.filter((piece) => piece.form === "summary").map(({ text }) => ({ type: "summary_text", text }));
  const content: Json[] = part.texts.filter((piece) => piece.form === "raw").map(({ text }) => ({ type: "reasoning_text", text }));
  const { id } = identity(part.itemId, "rs", audience, index);
  return {
    type: "reasoning",
    ...(id !== undefined && { id }),
    summary,
    ...(content.length > 0 && { content }),
    ...(part.opaque && { encrypted_content: sealFor(WIRE, part.opaque) }),
    ...bagOf(part.bags, WIRE),
  };
}

/** Clients need a name and a status for every item; providers only know the names that they gave. */
export function identity(
  itemId: string | undefined,
  prefix: string,
  audience: ItemAudience,
  index: number,
): { readonly id?: string; readonly status?: string } {
  if (audience.type === "provider") return itemId === undefined ? {} : { id: itemId };
  return { id: itemId ?? `${prefix}_${audience.stem}_${index}`, status: audience.status };
}
