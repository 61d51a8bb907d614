import type { ChatResponse } from "../../ir/chat.ts";
import type { ChatEvent } from "../../ir/chat-events.ts";
import { OmniError } from "../../ir/failure.ts";
import { foldEvents } from "../../ir/fold-events.ts";
import { Fields } from "../fields.ts";
import { AnswerReader, unfinished } from "./decode-answer.ts";

/** Reads a whole answer of Gemini's generateContent. */
export function decodeResponse(json: unknown): ChatResponse {
  const answer = Fields.of(json, "", "upstream_invalid");
  const reader = new AnswerReader();
  const events: ChatEvent[] = [];
  reader.read(answer, events);
  if (!reader.isFinished) {
    if ((answer.listMaybe("candidates") ?? []).length > 0) throw unfinished();
    throw new OmniError("upstream_invalid", "The provider's answer is invalid: it has no candidates.");
  }
  reader.end(events);
  return foldEvents(events);
}
