import type { ReasoningPart } from "../../ir/chat-parts.ts";
import type { JsonObject } from "../../ir/json.ts";
import { OPENAI_CHAT as WIRE } from "../wire-names.ts";
import { ISSUERS } from "./decode-reasoning.ts";

/** The words of a reasoning part. */
export function textOfReasoning(part: ReasoningPart): string {
  return part.texts.map((piece) => piece.text).join("\n\n");
}

/**
 * Writes what only the issuer can read as entries of `reasoning_details`, which clients store and return.
 * @param index Numbers the part among the reasoning of its message.
 */
export function encodeDetails(part: ReasoningPart, index: number): JsonObject[] {
  const { opaque } = part;
  if (opaque === undefined) return [];
  const known = ISSUERS.find(([, wire]) => wire === opaque.issuer)?.[0];
  const format = opaque.issuer === WIRE ? null : (known ?? opaque.issuer);
  const { value } = opaque;
  const common = { format, index, ...(part.itemId !== undefined && { id: part.itemId }) };
  const text = textOfReasoning(part);
  if (opaque.kind === "signature") return [{ type: "reasoning.text", text, signature: value, ...common }];
  return [
    ...(text === "" ? [] : [{ type: "reasoning.summary", summary: text, ...common }]),
    { type: "reasoning.encrypted", data: value, ...common },
  ];
}
