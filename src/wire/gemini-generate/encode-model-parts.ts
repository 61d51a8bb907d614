import { geminiImage, madeImages } from "../made-images.ts";
import type { AssistantPart, ToolCallPart } from "../../ir/chat-parts.ts";
import { bagOf } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { argumentsObject } from "../call-arguments.ts";
import { shortToolName } from "../tool-names.ts";
import { GEMINI_GENERATE as WIRE } from "../wire-names.ts";
import { encodeForeign, noteCache, restOf } from "./encode-parts.ts";
import { UNSIGNED } from "./signature.ts";

/**
 * Writes what the model said before, for the model. Signatures go back with the parts that they came with; reasoning that another vendor
 * signed is left out.
 *
 * @param signedCalls Whether a first call that Gemini did not sign has to say so, or the model refuses it.
 */
export function encodeModelParts(parts: readonly AssistantPart[], signedCalls: boolean, path: string, losses: Losses): JsonObject[] {
  const written: JsonObject[] = [];
  // A signature without words belongs to the words behind it, or stands alone.
  let signature: string | undefined;
  let isSigned = !signedCalls || parts.some((part) => part.type === "tool-call" && part.opaque?.issuer === WIRE);
  const flush = (): void => {
    if (signature !== undefined) written.push({ text: "", thoughtSignature: signature });
    signature = undefined;
  };
  for (const [index, part] of parts.entries()) {
    const at = `${path}.parts[${index}]`;
    if (part.type !== "foreign") {
      losses.addBags(part.bags, WIRE, at);
      noteCache(part.cache, at, losses);
    }
    if (part.type !== "text") flush();
    switch (part.type) {
      case "text":
        if (part.text === "") break;
        if (part.citations !== undefined) losses.add(`${at}.citations`, "citations", "Gemini takes none back.");
        written.push({ text: part.text, ...(signature !== undefined && { thoughtSignature: signature }), ...bagOf(part.bags, WIRE) });
        signature = undefined;
        break;
      case "refusal":
        if (part.text !== "") written.push({ text: part.text });
        break;
      case "reasoning": {
        const text = part.texts.map((piece) => piece.text).join("\n\n");
        const own = part.opaque?.issuer === WIRE ? part.opaque.value : undefined;
        if (part.opaque !== undefined && own === undefined) losses.add(at, "reasoning", `Only ${part.opaque.issuer} can read it.`);
        else if (text === "") signature = own;
        else written.push({ text, thought: true, ...(own !== undefined && { thoughtSignature: own }) });
        break;
      }
      case "tool-call":
        written.push(encodeCall(part, isSigned, at, losses));
        isSigned = true;
        break;
      case "foreign": {
        const images = part.wire === WIRE ? [] : madeImages(part);
        const json = images.length > 0 ? undefined : encodeForeign(part, at, losses);
        written.push(...images.map(geminiImage), ...(json === undefined ? [] : [json]));
        break;
      }
      default:
        part satisfies never;
    }
  }
  flush();
  return written;
}

function encodeCall(part: ToolCallPart, isSigned: boolean, path: string, losses: Losses): JsonObject {
  const own = part.opaque?.issuer === WIRE ? part.opaque.value : undefined;
  if (part.opaque !== undefined && own === undefined) losses.add(path, "signature", `Only ${part.opaque.issuer} can read it.`);
  const signature = own ?? (isSigned ? undefined : UNSIGNED);
  return {
    functionCall: { id: part.id, name: shortToolName(part.name), args: argumentsObject(part) },
    ...(signature !== undefined && { thoughtSignature: signature }),
    ...restOf(part.bags),
  };
}
