import { bagOf, type ChatResponse } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import { inputTokensTotal, outputTokensTotal, type Usage } from "../../ir/usage.ts";
import type { AnswerContext } from "../chat-codec.ts";
import { OLLAMA_CHAT as WIRE } from "../wire-names.ts";

/** The moment of an answer, or of a piece of it, as the format writes it. */
export function createdAt(createdS: number | undefined, context: AnswerContext): string {
  const epochMs = createdS === undefined ? (context.nowS ?? 0) * 1000 + elapsedMs(context) : createdS * 1000;
  // What no calendar holds is told as its beginning.
  return new Date(Math.abs(epochMs) <= 8.64e15 ? epochMs : 0).toISOString();
}

/** How long the exchange has taken so far. */
export function elapsedMs(context: AnswerContext): number {
  return context.elapsedMs?.() ?? 0;
}

/**
 * Writes the durations, in billionths of a second, and the counts. What the provider itself measured goes first.
 * @param firstMs When the first content came, counted from the beginning; what lies before is reading the prompt, what lies behind is writing.
 */
export function encodeEnd(usage: Usage | undefined, bags: ChatResponse["bags"], firstMs: number, context: AnswerContext): JsonObject {
  const totalMs = Math.max(elapsedMs(context), firstMs);
  return {
    total_duration: nanos(totalMs),
    load_duration: 0,
    prompt_eval_count: usage === undefined ? 0 : inputTokensTotal(usage),
    prompt_eval_duration: nanos(firstMs),
    eval_count: usage === undefined ? 0 : outputTokensTotal(usage),
    eval_duration: nanos(totalMs - firstMs),
    ...bagOf(bags, WIRE),
  };
}

function nanos(ms: number): number {
  return Math.round(ms * 1e6);
}
