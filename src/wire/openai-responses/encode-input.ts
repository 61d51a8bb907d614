import type { ToolResultPart, UserPart } from "../../ir/chat-parts.ts";
import { bagOf, type Message } from "../../ir/chat.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import { callIdFor } from "../call-ids.ts";
import { OPENAI_RESPONSES as WIRE } from "../wire-names.ts";
import { encodeModelItems } from "./encode-items.ts";
import { contentOf, encodeShownPart, encodeUserPart, type PartContext } from "./encode-parts.ts";

/** Writes the messages: a system prompt of one plain text becomes `instructions`, everything else is an item in its place. */
export function encodeInput(
  messages: readonly Message[],
  context: PartContext,
): { readonly instructions: string | undefined; readonly input: JsonObject[] } {
  const instructions = plainSystem(messages[0]);
  const customIds = new Set(
    messages.flatMap(({ parts }) =>
      parts.filter((part) => part.type === "tool-call" && part.kind === "custom").map((part) => ("id" in part ? part.id : "")),
    ),
  );
  const input = messages.flatMap((message, index) => {
    if (index === 0 && instructions !== undefined) return [];
    return encodeMessage(message, `messages[${index}]`, customIds, context);
  });
  return { instructions, input };
}

/** Blocks of a longer prompt keep their borders as parts of a message, and so their marks. */
function plainSystem(message: Message | undefined): string | undefined {
  if (message?.role !== "system" || message.parts.length !== 1 || message.bags !== undefined) return undefined;
  const [part] = message.parts;
  return part?.type === "text" && part.cache === undefined && part.bags === undefined ? part.text : undefined;
}

function encodeMessage(message: Message, path: string, customIds: ReadonlySet<string>, context: PartContext): JsonObject[] {
  context.losses.addBags(message.bags, WIRE, path);
  switch (message.role) {
    case "system":
    case "developer": {
      const parts = message.parts
        .map((part, index) => encodeShownPart(part, `${path}.parts[${index}]`, context))
        .filter((part) => part !== undefined);
      return parts.length === 0 ? [] : [{ type: "message", role: message.role, content: contentOf(parts), ...bagOf(message.bags, WIRE) }];
    }
    case "user":
      return encodeUser(message.parts, bagOf(message.bags, WIRE), path, customIds, context);
    case "assistant":
      return encodeModelItems(message.parts, { type: "provider" }, path, context.losses);
    default:
      return message satisfies never;
  }
}

/** Results of tools and items that only this format knows stand beside messages, not inside of them. */
function encodeUser(
  parts: readonly UserPart[],
  rest: JsonObject | undefined,
  path: string,
  customIds: ReadonlySet<string>,
  context: PartContext,
): JsonObject[] {
  const results: JsonObject[] = [];
  const content: JsonObject[] = [];
  for (const [index, part] of parts.entries()) {
    const at = `${path}.parts[${index}]`;
    if (part.type === "tool-result") {
      results.push(encodeResult(part, at, customIds, context));
      continue;
    }
    const written = encodeUserPart(part, at, context);
    if (written !== undefined) content.push(written);
  }
  // Nothing was said, or all of it was lost, and said so; providers refuse content without parts.
  const isSilent = content.length === 0;
  return isSilent ? results : [...results, { type: "message", role: "user", content: contentOf(content), ...rest }];
}

/** That a tool failed is said in words, since there is no field for it. */
function encodeResult(part: ToolResultPart, path: string, customIds: ReadonlySet<string>, context: PartContext): JsonObject {
  context.losses.addBags(part.bags, WIRE, path);
  const isCustom = part.kind === "custom" || customIds.has(part.id);
  const failed: JsonObject[] = part.isError ? [{ type: "input_text", text: "The tool failed:" }] : [];
  const outputs = part.parts
    .map((output, index) => encodeShownPart(output, `${path}.parts[${index}]`, context))
    .filter((output) => output !== undefined);
  return {
    type: isCustom ? "custom_tool_call_output" : "function_call_output",
    call_id: callIdFor("openai", part.id),
    output: outputOf([...failed, ...outputs]),
    ...bagOf(part.bags, WIRE),
  };
}

function outputOf(outputs: readonly JsonObject[]): Json {
  const isPlain = outputs.every((output) => output["type"] === "input_text" && Object.keys(output).length === 2);
  return isPlain ? outputs.map((output) => String(output["text"])).join("\n") : outputs;
}
