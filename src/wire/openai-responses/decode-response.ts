import type { Bags } from "../../ir/chat-parts.ts";
import type { ChatResponse } from "../../ir/chat.ts";
import type { Json } from "../../ir/json.ts";
import { ECHO } from "../../ir/loss.ts";
import { Fields } from "../fields.ts";
import { OPENAI_RESPONSES as WIRE } from "../wire-names.ts";
import { decodeStreamError } from "../openai-stream-error.ts";
import { decodeOutput } from "./decode-items.ts";
import { decodeStatus } from "./status.ts";
import { decodeUsage } from "./usage.ts";

/** Fields of a response that the IR has names for, or that follow from others. */
const KNOWN = new Set([
  "id",
  "object",
  "created_at",
  "status",
  "incomplete_details",
  "model",
  "output",
  "output_text",
  "error",
  "usage",
  "service_tier",
]);

/** Fields that repeat the request, or say nothing of the answer. */
export const ECHOES: readonly string[] = [
  ...[
    "instructions",
    "tools",
    "tool_choice",
    "truncation",
    "parallel_tool_calls",
    "text",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
  ],
  ...["top_logprobs", "temperature", "reasoning", "max_output_tokens", "max_tool_calls", "store", "background", "metadata", "user"],
  ...[
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "previous_response_id",
    "completed_at",
    "billing",
    "tool_usage",
    "input",
  ],
];
const ECHO_NAMES: ReadonlySet<string> = new Set(ECHOES);
const KNOWN_OR_ECHO: ReadonlySet<string> = new Set([...KNOWN, ...ECHOES]);

/** Reads a whole answer of the Responses format. */
export function decodeResponse(json: unknown): ChatResponse {
  const response = Fields.of(json, "", "upstream_invalid");
  if (response.has("error") || response.json["status"] === "failed") throw decodeStreamError(response);
  const parts = decodeOutput(response.objects("output"));
  const usage = response.objectMaybe("usage");
  return {
    ...decodeHead(response),
    choices: [{ parts, finish: decodeStatus(response, parts) }],
    ...(usage && { usage: decodeUsage(usage) }),
  };
}

/** Reads what stands around the output, in a whole answer and in events that hold one. */
export function decodeHead(response: Fields): Omit<ChatResponse, "choices" | "usage"> {
  const createdS = response.numberMaybe("created_at");
  const serviceTier = response.stringMaybe("service_tier");
  const bags = decodeBags(response);
  return {
    id: response.string("id"),
    model: response.stringMaybe("model") ?? "",
    ...(createdS !== undefined && { createdS }),
    ...(serviceTier !== undefined && { serviceTier }),
    ...(bags && { bags }),
  };
}

function decodeBags(response: Fields): Bags | undefined {
  const rest = response.rest(KNOWN_OR_ECHO);
  const echo: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(response.json)) {
    if (value !== undefined && value !== null && ECHO_NAMES.has(key)) echo[key] = value;
  }
  const hasEcho = Object.keys(echo).length > 0;
  if (rest === undefined && !hasEcho) return undefined;
  return { ...(rest && { [WIRE]: rest }), ...(hasEcho && { [WIRE + ECHO]: echo }) };
}
