import { bag, type Finish, type FinishReason } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Fields } from "../fields.ts";
import { OPENAI_CHAT as WIRE } from "../wire-names.ts";

/** Words for the end, those of OpenAI and what compatible providers say instead. Any other word means an ordinary end. */
const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ["stop", "stop"],
  ["length", "length"],
  ["tool_calls", "tool-calls"],
  ["function_call", "tool-calls"],
  ["content_filter", "refusal"],
  ["model_length", "context-length"],
]);

const CHOICE = new Set(["index", "message", "delta", "finish_reason", "logprobs", "error"]);

/** Reads why a choice ended, before it is known what it holds. */
export function decodeFinish(choice: Fields, message: JsonObject | undefined): Finish {
  const raw = choice.stringMaybe("finish_reason");
  const rest = choice.rest(CHOICE);
  const bags = bag(WIRE, message === undefined ? rest : { ...rest, message });
  return { reason: REASONS.get(raw ?? "") ?? "stop", ...(raw !== undefined && { raw }), ...(bags && { bags }) };
}
