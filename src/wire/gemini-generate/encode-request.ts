import { bagOf, type ChatRequest } from "../../ir/chat.ts";
import { isJsonObject, type JsonObject } from "../../ir/json.ts";
import { Losses } from "../../ir/loss.ts";
import type { Encoded } from "../chat-codec.ts";
import { titledSchema } from "../titled-schema.ts";
import { GEMINI_GENERATE as WIRE } from "../wire-names.ts";
import { encodeContents } from "./encode-contents.ts";
import { encodeSchema } from "./encode-schema.ts";
import { encodeThinking, styleOf, type ThinkingStyle } from "./encode-thinking.ts";
import { encodeTools } from "./encode-tools.ts";
import { encodeTier } from "./usage.ts";

/** Where a provider or a model departs from what Google's own take. */
export interface GeminiDepartures {
  /** How the model is told how much to think. Default: by its name, budgets up to Gemini 2.5 and levels from there on. */
  readonly thinking: ThinkingStyle;
  /** Whether the model refuses calls in its history that it did not sign. Default: by the model's name, from Gemini 3 on. */
  readonly signedCalls: boolean;
  /** Whether a tool may answer with pictures. Default: by the model's name, from Gemini 3 on. */
  readonly mediaInResults: boolean;
}

/** No more stop sequences are taken. */
const STOP_MAX = 5;

/** Writes a request of Gemini's generateContent. The model and whether to stream stand in the path. */
export function encodeRequest(request: ChatRequest, departures: Partial<GeminiDepartures> = {}): Encoded {
  const losses = new Losses();
  const style = styleOf(request.model);
  const { generationConfig: configRest, toolConfig, ...rest } = bagOf(request.bags, WIRE) ?? {};
  const { systemInstruction, contents } = encodeContents(request.messages, {
    losses,
    signedCalls: departures.signedCalls ?? style === "level",
    mediaInResults: departures.mediaInResults ?? style === "level",
  });
  const thinking = encodeThinking(request.reasoning, departures.thinking ?? style, losses);
  const { thinkingConfig: thinkingRest, ...others } = isJsonObject(configRest) ? configRest : {};
  const thinkingConfig = { ...thinking, ...(isJsonObject(thinkingRest) && thinkingRest) };
  const config = {
    ...encodeSampling(request, losses),
    ...encodeFormat(request, losses),
    ...(Object.keys(thinkingConfig).length > 0 && { thinkingConfig }),
    ...others,
  };
  addLosses(request, losses);
  const json: JsonObject = {
    ...(systemInstruction && { systemInstruction }),
    contents,
    ...encodeTools(request, toolConfig, losses),
    ...(Object.keys(config).length > 0 && { generationConfig: config }),
    ...(request.serviceTier !== undefined && request.serviceTier !== "auto" && { serviceTier: encodeTier(request.serviceTier) }),
    ...rest,
  };
  return { json, losses: losses.list };
}

function encodeSampling({ sampling }: ChatRequest, losses: Losses): JsonObject {
  const { maxTokens, temperature, topP, topK, stop, seed, presencePenalty, frequencyPenalty, n, logprobs, topLogprobs } = sampling;
  if (stop !== undefined && stop.length > STOP_MAX) losses.add("sampling.stop", "stop", `Gemini takes ${STOP_MAX} stop sequences.`);
  return {
    ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...(stop !== undefined && stop.length > 0 && { stopSequences: stop.slice(0, STOP_MAX) }),
    ...(seed !== undefined && { seed }),
    ...(presencePenalty !== undefined && { presencePenalty }),
    ...(frequencyPenalty !== undefined && { frequencyPenalty }),
    ...(n !== undefined && { candidateCount: n }),
    ...(logprobs !== undefined && { responseLogprobs: logprobs }),
    ...(topLogprobs !== undefined && { logprobs: topLogprobs }),
  };
}

/** Schemas go as JSON Schema, of which Google's own kind is only a part. */
function encodeFormat({ format }: ChatRequest, losses: Losses): JsonObject {
  switch (format?.type) {
    case undefined:
      return {};
    case "text":
      return { responseMimeType: "text/plain" };
    case "json":
      return { responseMimeType: "application/json" };
    case "json-schema":
      return { responseMimeType: "application/json", responseJsonSchema: encodeSchema(titledSchema(format), "format.schema", losses) };
    default:
      return format satisfies never;
  }
}

function addLosses(request: ChatRequest, losses: Losses): void {
  losses.addBags(request.bags, WIRE, "");
  if (request.verbosity !== undefined) losses.add("verbosity", "verbosity", "Gemini has no such switch.");
  if (request.endUser !== undefined) losses.add("endUser", "user", "Gemini takes no name of the user.");
  if (request.metadata !== undefined) losses.add("metadata", "metadata", "Gemini takes none.");
  if (request.store === true) losses.add("store", "store", "Gemini keeps no answers.");
  if (request.cacheKey !== undefined) losses.add("cacheKey", "prompt_cache_key", "Gemini's cache has no keys.");
}
