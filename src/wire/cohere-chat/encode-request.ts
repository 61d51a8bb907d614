import type { ChatRequest, ReasoningWish, Sampling } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import { Losses } from "../../ir/loss.ts";
import type { Encoded } from "../chat-codec.ts";
import { budgetOfEffort } from "../effort.ts";
import { COHERE_CHAT as WIRE } from "../wire-names.ts";
import { encodeMessages } from "./encode-messages.ts";
import { encodeTools } from "./encode-tools.ts";

/** Where a model departs from what most of Cohere's take. */
export interface CohereDepartures {
  /** Whether the model thinks; others refuse to be told about it. Default: by its name, Command A Reasoning and A+. */
  readonly thinks: boolean;
}

const THINKS = /reasoning|command-a-plus/;

/** Writes a request of Cohere's chat. */
export function encodeRequest(request: ChatRequest, departures: Partial<CohereDepartures> = {}): Encoded {
  const losses = new Losses();
  losses.addBags(request.bags, WIRE, "");
  const thinking = encodeThinking(request.reasoning, departures.thinks ?? THINKS.test(request.model), losses);
  addLosses(request, losses);
  const json: JsonObject = {
    model: request.model,
    messages: encodeMessages(request.messages, losses),
    stream: request.stream,
    ...encodeTools(request, losses),
    ...encodeFormat(request),
    ...(thinking && { thinking }),
    ...encodeSampling(request.sampling, losses),
  };
  return { json, losses: losses.list };
}

function encodeSampling(sampling: Sampling, losses: Losses): JsonObject {
  const { maxTokens, temperature, topP, topK, stop, seed } = sampling;
  const presencePenalty = penalty("presencePenalty", "presence_penalty", sampling, losses);
  const frequencyPenalty = penalty("frequencyPenalty", "frequency_penalty", sampling, losses);
  return {
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { p: topP }),
    ...(topK !== undefined && { k: topK }),
    ...(seed !== undefined && { seed }),
    ...(stop !== undefined && stop.length > 0 && { stop_sequences: stop }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
  };
}

/** Elsewhere penalties go from -2 to 2. */
function penalty(key: "presencePenalty" | "frequencyPenalty", name: string, sampling: Sampling, losses: Losses): number | undefined {
  const value = sampling[key];
  if (value === undefined) return undefined;
  const possible = Math.max(0, Math.min(1, value));
  if (possible !== value) losses.add(`sampling.${key}`, name, "Cohere's scale goes from 0 to 1.");
  return possible;
}

function encodeFormat({ format }: ChatRequest): JsonObject {
  switch (format?.type) {
    case undefined:
    case "text":
      return {};
    case "json":
      return { response_format: { type: "json_object" } };
    case "json-schema":
      return { response_format: { type: "json_object", json_schema: format.schema } };
    default:
      return format satisfies never;
  }
}

/** https://docs.cohere.com/docs/reasoning */
function encodeThinking(wish: ReasoningWish | undefined, thinks: boolean, losses: Losses): JsonObject | undefined {
  if (wish === undefined) return undefined;
  if (wish.display !== undefined) losses.add("reasoning.display", "summary", "Cohere shows thoughts as they are.");
  if (wish.mode === "off") return thinks ? { type: "disabled" } : undefined;
  if (!thinks) {
    if (wish.mode !== undefined || wish.effort !== undefined) losses.add("reasoning", "reasoning_effort", "The model does not think.");
    return undefined;
  }
  const budget = wish.budgetTokens ?? (wish.effort === undefined ? undefined : budgetOfEffort(wish.effort));
  if (budget === undefined && wish.mode === undefined) return undefined;
  return { type: "enabled", ...(budget !== undefined && { token_budget: budget }) };
}

/** Fields of the request that have no place in the format, with the names that clients know them by. */
const UNKNOWN = [
  ["verbosity", "verbosity"],
  ["endUser", "user"],
  ["metadata", "metadata"],
  ["serviceTier", "service_tier"],
  ["cacheKey", "prompt_cache_key"],
] as const;

function addLosses(request: ChatRequest, losses: Losses): void {
  for (const [key, name] of UNKNOWN) if (request[key] !== undefined) losses.add(key, name, "Cohere has none.");
  if (request.store === true) losses.add("store", "store", "Cohere keeps no answers.");
  const { n = 1, logprobs, topLogprobs } = request.sampling;
  if (n > 1) losses.add("sampling.n", "n", "Cohere gives one answer.", "content");
  if (logprobs === true || topLogprobs !== undefined)
    losses.add("sampling.logprobs", "logprobs", "Cohere tells probabilities by its own tokens, without their texts' bytes.");
}
