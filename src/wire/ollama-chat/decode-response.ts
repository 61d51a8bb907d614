import type { ChatResponse } from "../../ir/chat.ts";
import type { ChatEvent } from "../../ir/chat-events.ts";
import { foldEvents } from "../../ir/fold-events.ts";
import { Fields } from "../fields.ts";
import { AnswerReader, unfinished } from "./decode-answer.ts";

/** Reads a whole answer of Ollama's chat. */
export function decodeResponse(json: unknown): ChatResponse {
  const answer = Fields.of(json, "", "upstream_invalid");
  const reader = new AnswerReader();
  const events: ChatEvent[] = [];
  if (!answer.has("error")) answer.object("message");
  reader.read(answer, events);
  if (!reader.isDone) throw unfinished();
  return foldEvents(events);
}
