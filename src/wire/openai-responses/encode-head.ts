import type { Bags } from "../../ir/chat-parts.ts";
import { bagOf, type ChatRequest } from "../../ir/chat.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import { ECHO } from "../../ir/loss.ts";
import type { AnswerContext } from "../chat-codec.ts";
import { idAs } from "../ids.ts";
import { OPENAI_RESPONSES as WIRE } from "../wire-names.ts";
import { encodeRequest } from "./encode-request.ts";

/** What the format says of a request when nobody has set it. All of these fields are required in an answer. */
const DEFAULTS: JsonObject = {
  background: false,
  completed_at: null,
  error: null,
  frequency_penalty: 0,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  presence_penalty: 0,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: "default",
  store: true,
  temperature: 1,
  text: { format: { type: "text" } },
  tool_choice: "auto",
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: "disabled",
};

/** What is known of an answer before, or apart from, what the model says. */
export interface Head {
  readonly id: string;
  readonly model: string;
  readonly createdS?: number;
  readonly serviceTier?: string;
  readonly bags?: Bags;
}

/** Writes everything of a response but its status, its output and its usage: with all required fields, and with what the client asked for. */
export function encodeHead(head: Head, context: AnswerContext): JsonObject {
  return {
    id: idAs("resp_", head.id),
    object: "response",
    created_at: head.createdS ?? context.nowS ?? 0,
    ...DEFAULTS,
    ...(context.request && echoOf(context.request)),
    ...(context.isKept !== undefined && { store: context.isKept }),
    ...(context.previousId !== undefined && { previous_response_id: context.previousId }),
    ...bagOf(head.bags, WIRE + ECHO),
    ...(head.serviceTier !== undefined && { service_tier: head.serviceTier }),
    ...bagOf(head.bags, WIRE),
    model: head.model,
  };
}

/** The request's fields that an answer repeats: those of the request as this format says it. */
function echoOf(request: ChatRequest): JsonObject {
  const { json } = encodeRequest(request);
  const echo: { [key: string]: Json } = {};
  for (const key of Object.keys(DEFAULTS)) {
    const value = json[key];
    if (value !== undefined) echo[key] = value;
  }
  return echo;
}
