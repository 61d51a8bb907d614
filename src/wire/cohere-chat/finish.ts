import { type Finish, type FinishReason, finishReasonFor } from "../../ir/chat.ts";
import { OmniError } from "../../ir/failure.ts";

const REASONS: Readonly<Record<string, FinishReason>> = {
  COMPLETE: "stop",
  STOP_SEQUENCE: "stop-sequence",
  MAX_TOKENS: "length",
  TOOL_CALL: "tool-calls",
  ERROR_TOXIC: "refusal",
  ERROR_LIMIT: "context-length",
};

/**
 * Reads `finish_reason`.
 * @param kinds The parts of the answer.
 * @throws {OmniError} If the answer ended because something went wrong.
 */
export function decodeFinish(raw: string, kinds: readonly { readonly type: string }[]): Finish {
  if (raw === "TIMEOUT") throw new OmniError("upstream_timeout", "The provider gave up on its answer: it took too long.");
  if (raw === "ERROR") throw new OmniError("upstream_failed", "The provider failed in the middle of its answer.");
  const said = Object.hasOwn(REASONS, raw) ? REASONS[raw] : undefined;
  return { reason: finishReasonFor(said ?? "stop", kinds), raw };
}
