import { bag, bagOf, type Finish, type FinishReason } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Fields } from "../fields.ts";
import { ANTHROPIC_MESSAGES as WIRE } from "../wire-names.ts";

const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ["end_turn", "stop"],
  ["stop_sequence", "stop-sequence"],
  ["max_tokens", "length"],
  ["tool_use", "tool-calls"],
  ["refusal", "refusal"],
  ["pause_turn", "pause"],
  ["model_context_window_exceeded", "context-length"],
]);

const NAMES = {
  stop: "end_turn",
  "stop-sequence": "stop_sequence",
  length: "max_tokens",
  "tool-calls": "tool_use",
  refusal: "refusal",
  pause: "pause_turn",
  "context-length": "model_context_window_exceeded",
} as const satisfies Record<FinishReason, string>;

/** Reads why the model stopped, from a message or from the delta at its end. */
export function decodeStop(owner: Fields): Finish {
  const raw = owner.stringMaybe("stop_reason");
  const stopSequence = owner.stringMaybe("stop_sequence");
  const details = owner.objectMaybe("stop_details")?.json;
  const bags = bag(WIRE, details && { stop_details: details });
  return {
    reason: REASONS.get(raw ?? "") ?? "stop",
    ...(raw !== undefined && { raw }),
    ...(stopSequence !== undefined && { stopSequence }),
    ...(bags && { bags }),
  };
}

/** Writes why the model stopped. */
export function encodeStop(finish: Finish): JsonObject {
  return { stop_reason: NAMES[finish.reason], stop_sequence: finish.stopSequence ?? null, ...bagOf(finish.bags, WIRE) };
}
