import { geminiImage, madeImages } from "../made-images.ts";
import type { AssistantPart } from "../../ir/chat-parts.ts";
import { bagOf, type Choice, type Finish } from "../../ir/chat.ts";
import { isJsonObject, type Json, type JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { argumentsObject } from "../call-arguments.ts";
import { charactersOf } from "../text-length.ts";
import { GEMINI_GENERATE as WIRE } from "../wire-names.ts";
import { encodeCitations, type PlacedCitation } from "./encode-citations.ts";
import { encodeFinish } from "./finish.ts";
import { encodeLogprobs } from "./logprobs.ts";
import { encodeSignature } from "./signature.ts";

/** Writes a candidate of a whole answer. */
export function encodeCandidate({ parts, finish }: Choice, index: number, losses: Losses): JsonObject {
  const path = `choices[${index}]`;
  const written: JsonObject[] = [];
  const logprobs: Json[] = [];
  const placed: PlacedCitation[] = [];
  let text = "";
  let characters = 0;
  let signature: string | undefined;
  for (const [at, part] of parts.entries()) {
    if (isSignatureAlone(part) && parts[at + 1]?.type === "text") {
      signature = part.opaque.value;
      continue;
    }
    if (part.type === "text") {
      const start = characters;
      text += part.text;
      characters += charactersOf(part.text);
      for (const citation of part.citations ?? []) placed.push(place(citation, start, characters));
      logprobs.push(...(part.logprobs ?? []));
    }
    const json = encodeClientPart(part, `${path}.parts[${at}]`, losses);
    if (json !== undefined) written.push(signature === undefined ? json : { ...json, thoughtSignature: signature });
    signature = undefined;
  }
  return {
    content: { ...(written.length > 0 && { parts: written }), role: "model" },
    ...encodeEnd(finish, placed, text, path, losses),
    index,
    ...(logprobs.length > 0 && { logprobsResult: encodeLogprobs(logprobs) }),
  };
}

/** Where a citation stands; one without offsets is about all of its part. */
export function place(citation: PlacedCitation["citation"], start: number, end: number): PlacedCitation {
  return { citation, start: citation.start ?? start, end: citation.end ?? end };
}

/** Writes why a candidate ended, and what is told with it. */
export function encodeEnd(finish: Finish, placed: readonly PlacedCitation[], text: string, path: string, losses: Losses): JsonObject {
  losses.addBags(finish.bags, WIRE, `${path}.finish`);
  const rest = bagOf(finish.bags, WIRE);
  // What came from Gemini says more than could be made of the citations again.
  const grounding = isJsonObject(rest?.["groundingMetadata"]) ? undefined : encodeCitations(placed, text, path, losses);
  return { finishReason: encodeFinish(finish), ...(grounding && { groundingMetadata: grounding }), ...rest };
}

/** Whether Gemini refused the question itself: such an answer has no candidates. */
export function isBlocked(rest: JsonObject | undefined): boolean {
  const feedback = rest?.["promptFeedback"];
  return isJsonObject(feedback) && feedback["blockReason"] !== undefined;
}

/** A signature of Gemini's that belongs to the words behind it. */
function isSignatureAlone(part: AssistantPart): part is AssistantPart & { readonly opaque: { readonly value: string } } {
  return part.type === "reasoning" && part.texts.length === 0 && part.opaque?.issuer === WIRE;
}

/** Writes one part for a client; undefined if it says nothing, or was lost, and said so. */
function encodeClientPart(part: AssistantPart, path: string, losses: Losses): JsonObject | undefined {
  if (part.type !== "foreign") losses.addBags(part.bags, WIRE, path);
  switch (part.type) {
    case "text":
      return { text: part.text, ...bagOf(part.bags, WIRE) };
    case "refusal":
      return part.text === "" ? undefined : { text: part.text };
    case "reasoning": {
      const text = part.texts.map((piece) => piece.text).join("\n\n");
      const isAlone = isSignatureAlone(part);
      if (text === "" && part.opaque === undefined) return undefined;
      return { text, ...(!isAlone && { thought: true }), ...(part.opaque && { thoughtSignature: encodeSignature(part.opaque) }) };
    }
    case "tool-call": {
      const { id, name, opaque } = part;
      const signature = opaque && { thoughtSignature: encodeSignature(opaque) };
      return { functionCall: { id, name, args: argumentsObject(part) }, ...signature, ...bagOf(part.bags, WIRE) };
    }
    case "foreign":
      if (part.wire === WIRE) return part.json;
      if (madeImages(part).length === 1) return geminiImage(madeImages(part)[0]!); // It was just counted.
      if (!part.isNote)
        losses.add(path, String(part.json["type"] ?? "part"), "It can not be shown to a client of Gemini's format.", "content");
      return undefined;
    default:
      return part satisfies never;
  }
}
