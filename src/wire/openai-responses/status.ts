import { type Finish, type FinishReason, finishReasonFor } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Fields } from "../fields.ts";

/** Why an answer is incomplete. */
const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ["max_output_tokens", "length"],
  ["content_filter", "refusal"],
  // The provider stopped on its own account, and may be asked to go on.
  ["max_messages", "pause"],
  ["steered", "pause"],
]);

/** Reads why an answer ended, from its status and from what it holds. */
export function decodeStatus(response: Fields, parts: readonly { readonly type: string }[]): Finish {
  const status = response.stringMaybe("status") ?? "completed";
  const raw = status === "incomplete" ? (response.objectMaybe("incomplete_details")?.stringMaybe("reason") ?? status) : status;
  if (status === "incomplete") return { reason: REASONS.get(raw) ?? "length", raw };
  // Asked for in the background, it is not there yet.
  if (status === "queued" || status === "in_progress") return { reason: "pause", raw };
  return { reason: finishReasonFor("stop", parts), raw };
}

/** Writes why an answer ended. A refusal in words is a complete answer here. */
export function encodeStatus(
  finish: Finish,
  hasRefusal: boolean,
): { readonly status: string; readonly incomplete_details: JsonObject | null } {
  switch (finish.reason) {
    case "length":
    case "context-length":
      return { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } };
    case "refusal":
      if (hasRefusal) break;
      return { status: "incomplete", incomplete_details: { reason: "content_filter" } };
    case "pause":
      if (finish.raw === "queued" || finish.raw === "in_progress") return { status: finish.raw, incomplete_details: null };
      if (finish.raw === "steered" || finish.raw === "max_messages")
        return { status: "incomplete", incomplete_details: { reason: finish.raw } };
      break;
    case "stop":
    case "stop-sequence":
    case "tool-calls":
      break;
    default:
      finish.reason satisfies never;
  }
  return { status: "completed", incomplete_details: null };
}
