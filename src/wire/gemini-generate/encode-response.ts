import { bagOf, type ChatResponse } from "../../ir/chat.ts";
import { Losses } from "../../ir/loss.ts";
import type { AnswerContext, Encoded } from "../chat-codec.ts";
import { ClientTools } from "../client-tools.ts";
import { GEMINI_GENERATE as WIRE } from "../wire-names.ts";
import { encodeCandidate, isBlocked } from "./encode-candidate.ts";
import { encodeUsage } from "./usage.ts";

/** Writes when an answer was made, if it is known. */
export function encodeTime(createdS: number | undefined): { readonly createTime?: string } {
  // What no calendar holds is not told.
  if (createdS === undefined || Math.abs(createdS) > 8.64e12) return {};
  return { createTime: new Date(createdS * 1000).toISOString() };
}

/** Writes a whole answer of Gemini's generateContent. */
export function encodeResponse(answer: ChatResponse, context: AnswerContext = {}): Encoded {
  const response = ClientTools.of(context.request)?.restore(answer) ?? answer;
  const losses = new Losses();
  losses.addBags(response.bags, WIRE, "");
  const rest = bagOf(response.bags, WIRE);
  const json = {
    ...(!isBlocked(rest) && { candidates: response.choices.map((choice, index) => encodeCandidate(choice, index, losses)) }),
    ...(response.usage && { usageMetadata: encodeUsage(response.usage, response.serviceTier) }),
    modelVersion: response.model,
    ...encodeTime(response.createdS),
    responseId: response.id,
    ...rest,
  };
  return { json, losses: losses.list };
}
