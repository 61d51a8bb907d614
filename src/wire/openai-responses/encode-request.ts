import { type AnswerFormat, bagOf, type ChatRequest } from "../../ir/chat.ts";
import { isJsonObject, type Json, type JsonObject } from "../../ir/json.ts";
import { Losses } from "../../ir/loss.ts";
import type { Encoded } from "../chat-codec.ts";
import { effortOf } from "../effort.ts";
import { OPENAI_RESPONSES as WIRE } from "../wire-names.ts";
import { INCLUDE_LOGPROBS } from "./decode-request.ts";
import { encodeInput } from "./encode-input.ts";
import { encodeTools } from "./encode-tools.ts";

/** Where a provider or a model departs from what OpenAI's newest take. */
export interface ResponsesDepartures {
  /** Whether places to cache may be marked. Default false. */
  readonly cacheMarks: boolean;
}

const INCLUDE_ENCRYPTED = "reasoning.encrypted_content";
/** The API refuses less. */
const TOKENS_MIN = 16;
/** The longest name of a user; longer ones are hashed. */
const USER_LENGTH_MAX = 64;

/** What the format has no place for, with the names that clients know it by. To stop elsewhere, or to give one answer of several, is another answer. */
const UNKNOWN_SAMPLING = [
  ["topK", "top_k", "setting"],
  ["stop", "stop", "content"],
  ["seed", "seed", "setting"],
  ["presencePenalty", "presence_penalty", "setting"],
  ["frequencyPenalty", "frequency_penalty", "setting"],
] as const;

/** Writes a request of the Responses format. */
export function encodeRequest(request: ChatRequest, departures: Partial<ResponsesDepartures> = {}): Encoded {
  const losses = new Losses();
  const { reasoning: reasoningRest, text: textRest, include: includeRest, ...rest } = bagOf(request.bags, WIRE) ?? {};
  const { instructions, input } = encodeInput(request.messages, { losses, cacheMarks: departures.cacheMarks ?? false });
  const text = { ...encodeText(request), ...(isJsonObject(textRest) && textRest) };
  const reasoning = { ...encodeReasoning(request, losses), ...(isJsonObject(reasoningRest) && reasoningRest) };
  const include = encodeInclude(request, includeRest);
  addLosses(request, losses);
  const json = {
    model: request.model,
    ...(instructions !== undefined && { instructions }),
    input,
    ...encodeTools(request, losses),
    ...encodeSampling(request, losses),
    ...(Object.keys(reasoning).length > 0 && { reasoning }),
    ...(Object.keys(text).length > 0 && { text }),
    ...(include.length > 0 && { include }),
    ...(request.endUser !== undefined && { safety_identifier: userName(request.endUser) }),
    ...(request.metadata && { metadata: request.metadata }),
    // To say nothing would let the provider keep the exchange, which no other format means by it.
    ...(request.store !== "by-default" && { store: request.store ?? false }),
    ...(request.serviceTier !== undefined && { service_tier: request.serviceTier }),
    ...(request.cacheKey !== undefined && { prompt_cache_key: request.cacheKey }),
    ...(request.stream && { stream: true }),
    ...rest,
  };
  return { json, losses: losses.list };
}

function encodeSampling({ sampling }: ChatRequest, losses: Losses): JsonObject {
  const { maxTokens, temperature, topP, topLogprobs } = sampling;
  if (maxTokens !== undefined && maxTokens < TOKENS_MIN)
    losses.add("sampling.maxTokens", "max_tokens", `The Responses format takes no less than ${TOKENS_MIN}.`);
  return {
    ...(maxTokens !== undefined && { max_output_tokens: Math.max(maxTokens, TOKENS_MIN) }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(topLogprobs !== undefined && { top_logprobs: topLogprobs }),
  };
}

/** Whoever sets a budget for thinking wants to see it, so its summary is asked for. */
function encodeReasoning({ reasoning }: ChatRequest, losses: Losses): JsonObject {
  if (reasoning === undefined) return {};
  const effort = effortOf(reasoning);
  if (effort === undefined && reasoning.mode === "off")
    losses.add("reasoning.mode", "thinking", "Only some models can be told not to think.");
  const isShown = reasoning.display === "summarized" || (reasoning.mode === "budget" && reasoning.display === undefined);
  const summary = isShown ? "auto" : reasoning.display === "omitted" ? undefined : reasoning.display;
  return { ...(effort !== undefined && { effort }), ...(summary !== undefined && { summary }) };
}

function encodeText({ format, verbosity }: ChatRequest): JsonObject {
  return { ...(format && { format: encodeFormat(format) }), ...(verbosity !== undefined && { verbosity }) };
}

function encodeFormat(format: AnswerFormat): JsonObject {
  switch (format.type) {
    case "text":
      return { type: "text" };
    case "json":
      return { type: "json_object" };
    case "json-schema": {
      const { name = "answer", description, schema, strict } = format;
      return {
        type: "json_schema",
        name,
        ...(description !== undefined && { description }),
        ...(strict !== undefined && { strict }),
        schema,
      };
    }
    default:
      return format satisfies never;
  }
}

/** Where nothing is stored, reasoning can only go on if it is given out; models that do not reason refuse to be asked for it. */
function encodeInclude(request: ChatRequest, rest: Json | undefined): readonly Json[] {
  const include = Array.isArray(rest) ? [...rest] : [];
  const isStored = request.store === true || request.store === "by-default";
  const reasons = request.reasoning !== undefined && request.reasoning.mode !== "off";
  if (!isStored && reasons && !include.includes(INCLUDE_ENCRYPTED)) include.push(INCLUDE_ENCRYPTED);
  if (request.sampling.logprobs) include.push(INCLUDE_LOGPROBS);
  return include;
}

/** Claude Code names its users by a long JSON text. The same user has the same hash, which is all that the field is for. */
function userName(endUser: string): string {
  return endUser.length <= USER_LENGTH_MAX ? endUser : new Bun.CryptoHasher("sha256").update(endUser).digest("hex");
}

function addLosses(request: ChatRequest, losses: Losses): void {
  losses.addBags(request.bags, WIRE, "");
  for (const [key, name, weight] of UNKNOWN_SAMPLING) {
    if (request.sampling[key] !== undefined) losses.add(`sampling.${key}`, name, "The Responses format has none.", weight);
  }
  if ((request.sampling.n ?? 1) > 1) losses.add("sampling.n", "n", "The Responses format gives one answer.", "content");
}
