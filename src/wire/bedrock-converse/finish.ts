import { type Finish, type FinishReason, finishReasonFor } from "../../ir/chat.ts";
import { OmniError } from "../../ir/failure.ts";
import { isJsonObject, type Json } from "../../ir/json.ts";

const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop-sequence",
  max_tokens: "length",
  tool_use: "tool-calls",
  model_context_window_exceeded: "context-length",
  guardrail_intervened: "refusal",
  content_filtered: "refusal",
};

/**
 * Reads `stopReason`.
 * @param kinds The parts of the answer.
 * @param fields What was asked for of the model's own answer.
 * @throws {OmniError} If the model made something that could not be read.
 */
export function decodeFinish(raw: string, kinds: readonly { readonly type: string }[], fields: Json | undefined): Finish {
  if (raw.startsWith("malformed_")) throw new OmniError("upstream_failed", `The provider could not read what its model wrote (${raw}).`);
  const said = Object.hasOwn(REASONS, raw) ? REASONS[raw] : undefined;
  const stopSequence = stopSequenceIn(fields);
  return { reason: finishReasonFor(said ?? "stop", kinds), raw, ...(stopSequence !== undefined && { stopSequence }) };
}

/** In a stream it stands one level down. */
function stopSequenceIn(fields: Json | undefined): string | undefined {
  if (!isJsonObject(fields)) return undefined;
  const inner = isJsonObject(fields["delta"]) ? fields["delta"] : fields;
  const value = inner["stop_sequence"];
  return typeof value === "string" ? value : undefined;
}
