import { bagOf, type ChatRequest, type Sampling } from "../../ir/chat.ts";
import { isJsonObject, type JsonObject } from "../../ir/json.ts";
import { Losses } from "../../ir/loss.ts";
import type { Encoded } from "../chat-codec.ts";
import { encodeConversation } from "./encode-conversation.ts";
import { encodeReasoning } from "./encode-reasoning.ts";
import { encodeSchema } from "./encode-schema.ts";
import { encodeTools } from "./encode-tools.ts";
import { ANTHROPIC_MESSAGES as WIRE } from "../wire-names.ts";

/** Where a provider or a model departs from what newest Claude models take. */
export interface AnthropicDepartures {
  /** The most tokens that the model can write; sent when the client set no limit, since the format requires one. Default 32,000. */
  readonly tokensMax: number;
  /** Whether the model thinks as it sees fit (`adaptive`, Claude 4.6 and later) or within a budget (`budget`, before). Default `adaptive`. */
  readonly thinking: "adaptive" | "budget";
  /** Whether a system message may stand between others. Default false: there it is said by the user, in its place. */
  readonly systemAnywhere: boolean;
  /** Whether the model lets others say how it samples: `temperature`, `top_p`, `top_k`. Default true; those since Claude 4.7 refuse all three. */
  readonly sampling: boolean;
}

/** Fields of the request that have no place in the format, with the names that clients know them by. */
const UNKNOWN_SAMPLING = [
  ["seed", "seed"],
  ["presencePenalty", "presence_penalty"],
  ["frequencyPenalty", "frequency_penalty"],
  ["logprobs", "logprobs"],
  ["topLogprobs", "top_logprobs"],
] as const;

/** Writes a request of the Messages format. */
export function encodeRequest(request: ChatRequest, departures: Partial<AnthropicDepartures> = {}): Encoded {
  const losses = new Losses();
  const { system, messages } = encodeConversation(request.messages, departures.systemAnywhere ?? false, losses);
  const tokensMax = departures.tokensMax ?? 32_000;
  const thinking = encodeReasoning(request, departures.thinking ?? "adaptive", tokensMax, losses);
  const thinks = thinking.thinking !== undefined && thinking.thinking["type"] !== "disabled";
  const { output_config: configRest, metadata: metadataRest, ...rest } = bagOf(request.bags, WIRE) ?? {};
  const config = { ...thinking.config, ...encodeFormat(request, losses), ...(isJsonObject(configRest) && configRest) };
  const metadata = { ...(request.endUser !== undefined && { user_id: request.endUser }), ...(isJsonObject(metadataRest) && metadataRest) };
  addLosses(request, losses);
  const json: JsonObject = {
    model: request.model,
    max_tokens: thinking.maxTokens ?? request.sampling.maxTokens ?? tokensMax,
    ...(system !== undefined && { system }),
    messages,
    ...encodeTools(request, losses),
    ...encodeSampling(request.sampling, departures.sampling ?? true, thinks, losses),
    ...(thinking.thinking && { thinking: thinking.thinking }),
    ...(Object.keys(config).length > 0 && { output_config: config }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...encodeTier(request.serviceTier, losses),
    ...(request.stream && { stream: true }),
    ...rest,
  };
  return { json, losses: losses.list };
}

/** Whoever thinks takes no temperature but 1 and no `top_k`, and the newest models take nothing of the kind. */
function encodeSampling(sampling: Sampling, takesSampling: boolean, thinks: boolean, losses: Losses): JsonObject {
  const { temperature, topP, topK } = sampling;
  // Whitespace alone is refused as a stop sequence.
  const stop = sampling.stop?.filter((sequence) => sequence.trim() !== "");
  const refused = {
    temperature: temperature !== undefined && (!takesSampling || (thinks && temperature !== 1)),
    topP: topP !== undefined && !takesSampling,
    topK: topK !== undefined && (!takesSampling || thinks),
  };
  if (refused.temperature) losses.add("sampling.temperature", "temperature", "The model takes none, or none while it thinks.");
  else if (temperature !== undefined && temperature > 1) losses.add("sampling.temperature", "temperature", "Anthropic's scale ends at 1.");
  if (refused.topP) losses.add("sampling.topP", "top_p", "The model takes none.");
  if (refused.topK) losses.add("sampling.topK", "top_k", "The model takes none, or none while it thinks.");
  if (stop !== undefined && stop.length < (sampling.stop?.length ?? 0))
    losses.add("sampling.stop", "stop", "Anthropic refuses stop sequences of blanks.");
  return {
    ...(temperature !== undefined && !refused.temperature && { temperature: Math.min(temperature, 1) }),
    ...(topP !== undefined && !refused.topP && { top_p: topP }),
    ...(topK !== undefined && !refused.topK && { top_k: topK }),
    ...(stop !== undefined && stop.length > 0 && { stop_sequences: stop }),
  };
}

function encodeFormat({ format }: ChatRequest, losses: Losses): JsonObject {
  switch (format?.type) {
    case undefined:
    case "text":
      return {};
    case "json":
      losses.add("format", "response_format", "The Messages format has no JSON mode without a schema.");
      return {};
    case "json-schema":
      return { format: { type: "json_schema", schema: encodeSchema(format.schema, losses) } };
    default:
      return format satisfies never;
  }
}

/** OpenAI's `default` is Anthropic's `standard_only`: pay no premium. */
function encodeTier(tier: string | undefined, losses: Losses): JsonObject {
  if (tier === undefined) return {};
  if (tier === "auto") return { service_tier: "auto" };
  if (tier === "default") return { service_tier: "standard_only" };
  losses.add("serviceTier", "service_tier", `Anthropic has no tier "${tier}".`);
  return {};
}

function addLosses(request: ChatRequest, losses: Losses): void {
  const { sampling } = request;
  losses.addBags(request.bags, WIRE, "");
  for (const [key, name] of UNKNOWN_SAMPLING) {
    if (sampling[key] !== undefined && sampling[key] !== false) losses.add(`sampling.${key}`, name, "The Messages format has none.");
  }
  if ((sampling.n ?? 1) > 1) losses.add("sampling.n", "n", "The Messages format gives one answer.", "content");
  if (request.verbosity !== undefined) losses.add("verbosity", "verbosity", "The Messages format has none.");
  if (request.metadata !== undefined) losses.add("metadata", "metadata", "The Messages format knows only a user's id.");
  if (request.store === true) losses.add("store", "store", "Anthropic keeps no answers.");
  if (request.cacheKey !== undefined) losses.add("cacheKey", "prompt_cache_key", "Anthropic's cache has no keys.");
}
