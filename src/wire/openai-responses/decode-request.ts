import { type AnswerFormat, bag, bagOf, type ChatRequest, type Message, type ReasoningWish, type Sampling } from "../../ir/chat.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import { Fields } from "../fields.ts";
import { decodeSchema } from "../schema-format.ts";
import { OPENAI_RESPONSES as WIRE } from "../wire-names.ts";
import { decodeItems } from "./decode-items.ts";
import { contentFields, decodeTextOnly } from "./decode-parts.ts";
import { decodeTool, decodeToolChoice } from "./decode-tools.ts";

/** What `include` says to get the probabilities of words. */
export const INCLUDE_LOGPROBS = "message.output_text.logprobs";

const KNOWN = new Set([
  ...[
    "model",
    "input",
    "instructions",
    "stream",
    "max_output_tokens",
    "temperature",
    "top_p",
    "top_logprobs",
    "include",
    "tools",
    "tool_choice",
  ],
  ...["parallel_tool_calls", "reasoning", "text", "user", "safety_identifier", "metadata", "store", "service_tier", "prompt_cache_key"],
]);

/** Reads a request of the Responses format. */
export function decodeRequest(json: unknown): ChatRequest {
  const body = Fields.of(json, "", "invalid_request");
  const tools = body.objectsMaybe("tools")?.map(decodeTool);
  const toolChoice = decodeToolChoice(body);
  const parallelToolCalls = body.booleanMaybe("parallel_tool_calls");
  const wish = body.objectMaybe("reasoning");
  const reasoning = wish && decodeReasoning(wish);
  const text = body.objectMaybe("text");
  const format = decodeFormat(text?.objectMaybe("format"));
  const verbosity = text?.stringMaybe("verbosity");
  const user = body.stringMaybe("user");
  const endUser = body.stringMaybe("safety_identifier") ?? user;
  const metadata = body.objectMaybe("metadata")?.json;
  const serviceTier = body.stringMaybe("service_tier");
  const cacheKey = body.stringMaybe("prompt_cache_key");
  const bags = bag(WIRE, restOf(body, wish, text));
  return {
    model: body.string("model"),
    stream: body.booleanMaybe("stream") ?? false,
    messages: [...decodeInstructions(body), ...decodeInput(body)],
    sampling: decodeSampling(body),
    ...(tools && { tools }),
    ...(toolChoice && { toolChoice }),
    ...(parallelToolCalls !== undefined && { parallelToolCalls }),
    ...(reasoning && { reasoning }),
    ...(format && { format }),
    ...(verbosity !== undefined && { verbosity }),
    ...(endUser !== undefined && { endUser }),
    ...(metadata && { metadata }),
    store: body.booleanMaybe("store") ?? "by-default",
    ...(serviceTier !== undefined && { serviceTier }),
    ...(cacheKey !== undefined && { cacheKey }),
    ...(bags && { bags }),
  };
}

const KEPT = ["previous_response_id", "conversation", "prompt"];

/** The field that stands for words which only its vendor has: of an earlier answer or an item of it, of a conversation, of a prompt. */
export function keptByVendor({ bags, messages }: ChatRequest): string | undefined {
  const own = bagOf(bags, WIRE);
  return KEPT.find((name) => own?.[name] !== undefined && own[name] !== null) ?? (messages.some(isReference) ? "input" : undefined);
}

/** Whether it only points to what an earlier answer said. */
function isReference({ role, parts }: Message): boolean {
  return role === "assistant" && parts.some((part) => part.type === "foreign" && part.json["type"] === "item_reference");
}

function decodeInstructions(body: Fields): Message[] {
  if (!body.has("instructions")) return [];
  return [{ role: "system", parts: contentFields(body, "instructions").map(decodeTextOnly) }];
}

function decodeInput(body: Fields): Message[] {
  if (!body.has("input")) return []; // Stored prompts and conversations bring their own.
  const input = body.json["input"];
  if (typeof input === "string") return [{ role: "user", parts: [{ type: "text", text: input }] }];
  return decodeItems(body.objects("input"));
}

function decodeSampling(body: Fields): Sampling {
  const maxTokens = body.numberMaybe("max_output_tokens");
  const temperature = body.numberMaybe("temperature");
  const topP = body.numberMaybe("top_p");
  const topLogprobs = body.numberMaybe("top_logprobs");
  return {
    ...(maxTokens !== undefined && { maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(includeOf(body).includes(INCLUDE_LOGPROBS) && { logprobs: true }),
    ...(topLogprobs !== undefined && { topLogprobs }),
  };
}

function includeOf(body: Fields): readonly Json[] {
  return body.listMaybe("include") ?? [];
}

function decodeReasoning(wish: Fields): ReasoningWish | undefined {
  const effort = wish.stringMaybe("effort");
  const display = wish.stringMaybe("summary") ?? wish.stringMaybe("generate_summary");
  if (effort === undefined && display === undefined) return undefined;
  const shown = display !== undefined && { display };
  return { ...(effort !== undefined && { mode: effort === "none" ? "off" : "adaptive", effort }), ...shown };
}

function decodeFormat(format: Fields | undefined): AnswerFormat | undefined {
  if (format === undefined) return undefined;
  switch (format.string("type")) {
    case "text":
      return { type: "text" };
    case "json_object":
      return { type: "json" };
    case "json_schema":
      return decodeSchema(format);
    default:
      throw format.wrong("type", '"text", "json_object" or "json_schema"');
  }
}

/** Unknown fields, also those one level down, under the names of their owners. */
function restOf(body: Fields, reasoning: Fields | undefined, text: Fields | undefined): JsonObject | undefined {
  const reasoningRest = reasoning?.rest(new Set(["effort", "summary", "generate_summary"]));
  const textRest = text?.rest(new Set(["format", "verbosity"]));
  const include = includeOf(body).filter((item) => item !== INCLUDE_LOGPROBS);
  const rest = {
    ...body.rest(KNOWN),
    ...(include.length > 0 && { include }),
    ...(reasoningRest && { reasoning: reasoningRest }),
    ...(textRest && { text: textRest }),
  };
  return Object.keys(rest).length === 0 ? undefined : rest;
}
