import { bag, type Finish, type FinishReason } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import { GEMINI_GENERATE as WIRE } from "../wire-names.ts";

/** Words for the end. Any other one means an ordinary end. https://ai.google.dev/api/generate-content#FinishReason */
const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ["STOP", "stop"],
  ["MAX_TOKENS", "length"],
  ...(
    [
      ...["SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR"],
      ...["IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION"],
    ] as const
  ).map((word) => [word, "refusal"] as const),
]);

/** The model's answer was thrown away by its maker: nothing is left that a client could use. */
const SPOILT: ReadonlySet<string> = new Set([
  ...["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE", "MISSING_THOUGHT_SIGNATURE"],
  ...["NO_IMAGE", "IMAGE_OTHER"],
]);

const NAMES = {
  stop: "STOP",
  "stop-sequence": "STOP",
  length: "MAX_TOKENS",
  "context-length": "MAX_TOKENS",
  "tool-calls": "STOP",
  refusal: "SAFETY",
  pause: "OTHER",
} as const satisfies Record<FinishReason, string>;

/** What `finishReason` says, before it is known what the candidate holds. */
export function decodeFinish(raw: string, rest: JsonObject | undefined): Finish {
  const bags = bag(WIRE, rest);
  return { reason: REASONS.get(raw) ?? "stop", raw, ...(bags && { bags }) };
}

/** Whether an answer that holds nothing is a failure of the model, and not an empty answer. */
export function isSpoilt(raw: string | undefined): boolean {
  return raw !== undefined && SPOILT.has(raw);
}

/** Writes `finishReason`; the provider's own word if it is one of this format's. */
export function encodeFinish({ reason, raw }: Finish): string {
  const isOwn = raw !== undefined && (REASONS.get(raw) === reason || SPOILT.has(raw));
  return isOwn ? raw : NAMES[reason];
}
