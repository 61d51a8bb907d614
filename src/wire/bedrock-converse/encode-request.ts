import type { ChatRequest } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import { Losses } from "../../ir/loss.ts";
import type { Encoded } from "../chat-codec.ts";
import { BEDROCK_CONVERSE as WIRE } from "../wire-names.ts";
import { encodeConversation } from "./encode-conversation.ts";
import { encodeModelFields } from "./encode-model-fields.ts";
import { encodeTools } from "./encode-tools.ts";
import { type ModelTraits, traitsOf } from "./traits.ts";

/** Writes a request of Converse. Which model, and whether to stream, stands in its path. */
export function encodeRequest(request: ChatRequest, departures: Partial<ModelTraits> = {}): Encoded {
  const losses = new Losses();
  const traits = { ...traitsOf(request.model), ...departures };
  losses.addBags(request.bags, WIRE, "");
  addLosses(request, losses);
  const { fields, inference } = encodeModelFields(request, traits, losses);
  const { system, messages } = encodeConversation(request.messages, traits, losses);
  const json: JsonObject = {
    messages,
    ...(system.length > 0 && { system }),
    ...(Object.keys(inference).length > 0 && { inferenceConfig: inference }),
    ...encodeTools(request, traits, losses),
    ...(Object.keys(fields).length > 0 && { additionalModelRequestFields: fields }),
    // The only way to learn which sequence stopped the answer; whole and streamed it stands in different places.
    ...(traits.maker === "anthropic" &&
      request.sampling.stop !== undefined && { additionalModelResponseFieldPaths: ["/stop_sequence", "/delta/stop_sequence"] }),
    ...encodeFormat(request, traits, losses),
    ...encodeTier(request.serviceTier, losses),
    ...encodeMetadata(request.metadata, losses),
  };
  return { json, losses: losses.list };
}

/** The schema is a text here. */
function encodeFormat({ format }: ChatRequest, { schemas }: ModelTraits, losses: Losses): JsonObject {
  if (format === undefined || format.type === "text") return {};
  if (format.type === "json" || !schemas) {
    losses.add("format", "response_format", "On Bedrock the model can not be held to JSON, or not by this way.");
    return {};
  }
  const { schema, name = "answer", description } = format;
  const jsonSchema = { name, schema: JSON.stringify(schema), ...(description !== undefined && { description }) };
  return { outputConfig: { textFormat: { type: "json_schema", structure: { jsonSchema } } } };
}

function encodeTier(tier: string | undefined, losses: Losses): JsonObject {
  if (tier === undefined || tier === "auto") return {};
  if (["default", "priority", "flex", "reserved"].includes(tier)) return { serviceTier: { type: tier } };
  losses.add("serviceTier", "service_tier", `Bedrock has no tier "${tier}".`);
  return {};
}

/** Sixteen pairs of texts. */
function encodeMetadata(metadata: JsonObject | undefined, losses: Losses): JsonObject {
  if (metadata === undefined) return {};
  const pairs = Object.entries(metadata);
  const texts = pairs.filter(([key, value]) => key !== "__proto__" && typeof value === "string").slice(0, 16);
  if (texts.length < pairs.length) losses.add("metadata", "metadata", "Bedrock takes sixteen texts at most.");
  return texts.length === 0 ? {} : { requestMetadata: Object.fromEntries(texts) };
}

/** Fields of the request that have no place in the format, with the names that clients know them by. */
const UNKNOWN = [
  ["verbosity", "verbosity"],
  ["endUser", "user"],
  ["cacheKey", "prompt_cache_key"],
] as const;
const UNKNOWN_SAMPLING = [
  ["seed", "seed"],
  ["presencePenalty", "presence_penalty"],
  ["frequencyPenalty", "frequency_penalty"],
  ["topLogprobs", "top_logprobs"],
] as const;

function addLosses(request: ChatRequest, losses: Losses): void {
  const { sampling } = request;
  for (const [key, name] of UNKNOWN) if (request[key] !== undefined) losses.add(key, name, "Bedrock has none.");
  for (const [key, name] of UNKNOWN_SAMPLING) if (sampling[key] !== undefined) losses.add(`sampling.${key}`, name, "Converse has none.");
  if (sampling.logprobs === true) losses.add("sampling.logprobs", "logprobs", "Converse has none.");
  if ((sampling.n ?? 1) > 1) losses.add("sampling.n", "n", "Converse gives one answer.", "content");
  if (request.store === true) losses.add("store", "store", "Bedrock keeps no answers.");
  if (request.reasoning?.display !== undefined) losses.add("reasoning.display", "summary", "Converse shows thoughts as they are.");
}
