import type { Finish, FinishReason } from "../../ir/chat.ts";

const NAMES = {
  stop: "stop",
  "stop-sequence": "stop",
  length: "length",
  "context-length": "length",
  "tool-calls": "tool_calls",
  refusal: "content_filter",
  pause: "stop",
} as const satisfies Record<FinishReason, string>;

/**
 * Writes why a choice ended.
 * @param hasRefusal Whether it holds a refusal in words; then its end is an ordinary one here.
 */
export function encodeFinish(finish: Finish, hasRefusal: boolean): string {
  return finish.reason === "refusal" && hasRefusal ? "stop" : NAMES[finish.reason];
}
