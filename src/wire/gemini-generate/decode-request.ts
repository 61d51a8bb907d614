import { type AnswerFormat, bag, type ChatRequest, type ReasoningWish, type Sampling } from "../../ir/chat.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import { Fields } from "../fields.ts";
import { GEMINI_GENERATE as WIRE } from "../wire-names.ts";
import { decodeContents, decodeSystem } from "./decode-contents.ts";
import { decodeSchema } from "./decode-schema.ts";
import { decodeToolConfig, decodeTools, generationConfigOf } from "./decode-tools.ts";
import { camelFields, camelObject } from "./spelling.ts";
import { decodeTier } from "./usage.ts";

const KNOWN = new Set([...["model", "contents", "systemInstruction", "generationConfig", "tools", "toolConfig", "serviceTier", "store"]]);

/** Fields of the IR with their names here. */
const NUMBERS = [
  ["maxTokens", "maxOutputTokens"],
  ["temperature", "temperature"],
  ["topP", "topP"],
  ["topK", "topK"],
  ["seed", "seed"],
  ["presencePenalty", "presencePenalty"],
  ["frequencyPenalty", "frequencyPenalty"],
  ["n", "candidateCount"],
  ["topLogprobs", "logprobs"],
] as const;

const FORMAT = ["responseMimeType", "responseSchema", "responseJsonSchema", "_responseJsonSchema"] as const;
const CONFIG = new Set([...NUMBERS.map(([, name]) => name), ...FORMAT, "stopSequences", "responseLogprobs", "thinkingConfig"] as string[]);
const THINKING = new Set(["includeThoughts", "thinkingBudget", "thinkingLevel"]);

/** Reads a request of Gemini's generateContent. The model and whether to stream stand in the path, which is not read here. */
export function decodeRequest(json: unknown): ChatRequest {
  const body = camelFields(Fields.of(json, "", "invalid_request"));
  const config = generationConfigOf(body);
  const tools = decodeTools(body);
  const { toolChoice, rest: toolConfigRest } = decodeToolConfig(body);
  const thinking = camelObject(config, "thinkingConfig");
  const reasoning = thinking && decodeReasoning(thinking);
  const format = decodeFormat(config);
  const tier = body.stringMaybe("serviceTier");
  const store = body.booleanMaybe("store");
  const rest = restOf(body, config, thinking, format, toolConfigRest);
  const bags = bag(WIRE, Object.keys(rest).length > 0 ? rest : undefined);
  return {
    model: body.stringMaybe("model") ?? "",
    stream: false,
    messages: [...decodeSystem(body), ...decodeContents(body)],
    sampling: decodeSampling(config),
    ...(tools && { tools }),
    ...(toolChoice && { toolChoice }),
    ...(reasoning && { reasoning }),
    ...(format && { format }),
    ...(tier !== undefined && { serviceTier: decodeTier(tier) }),
    ...(store !== undefined && { store }),
    ...(bags && { bags }),
  };
}

function decodeSampling(config: Fields): Sampling {
  const sampling: { -readonly [K in keyof Sampling]: Sampling[K] } = {};
  for (const [key, name] of NUMBERS) {
    const value = config.numberMaybe(name);
    if (value !== undefined) sampling[key] = value;
  }
  const stop = config.stringsMaybe("stopSequences");
  if (stop !== undefined && stop.length > 0) sampling.stop = stop;
  const logprobs = config.booleanMaybe("responseLogprobs");
  if (logprobs !== undefined) sampling.logprobs = logprobs;
  return sampling;
}

/** A budget of 0 means not to think, and of -1 as the model sees fit. https://ai.google.dev/gemini-api/docs/thinking */
function decodeReasoning(thinking: Fields): ReasoningWish | undefined {
  const budget = thinking.numberMaybe("thinkingBudget");
  const level = thinking.stringMaybe("thinkingLevel")?.toLowerCase();
  const shown = thinking.booleanMaybe("includeThoughts");
  const effort = level === undefined || level === "thinking_level_unspecified" ? undefined : level;
  const mode =
    budget === 0
      ? "off"
      : budget !== undefined && budget > 0
        ? "budget"
        : budget === undefined && effort === undefined
          ? undefined
          : "adaptive";
  if (mode === undefined && shown === undefined) return undefined;
  return {
    ...(mode !== undefined && { mode }),
    ...(mode === "budget" && budget !== undefined && { budgetTokens: budget }),
    ...(effort !== undefined && { effort }),
    ...(shown !== undefined && { display: shown ? "auto" : "omitted" }),
  };
}

function decodeFormat(config: Fields): AnswerFormat | undefined {
  const type = config.stringMaybe("responseMimeType");
  if (type === "text/plain") return { type: "text" };
  if (type !== "application/json") return undefined;
  const plain = config.objectMaybe("responseJsonSchema") ?? config.objectMaybe("_responseJsonSchema");
  const own = config.objectMaybe("responseSchema");
  const schema = plain?.json ?? (own && decodeSchema(own.json));
  return schema === undefined ? { type: "json" } : { type: "json-schema", schema };
}

/** Unknown fields, also those one level down, under the names of their owners. */
function restOf(
  body: Fields,
  config: Fields,
  thinking: Fields | undefined,
  format: AnswerFormat | undefined,
  toolConfigRest: JsonObject | undefined,
): JsonObject {
  const thinkingRest = thinking?.rest(THINKING);
  const configRest: { [key: string]: Json | undefined } = {
    ...config.rest(CONFIG),
    // A choice of one of several words has a type of its own, which others do not know.
    ...(format === undefined && Object.fromEntries(FORMAT.filter((key) => config.has(key)).map((key) => [key, config.json[key]]))),
    ...(thinkingRest && { thinkingConfig: thinkingRest }),
  };
  if (isTextAlone(configRest["responseModalities"])) delete configRest["responseModalities"];
  return {
    ...body.rest(KNOWN),
    ...(Object.keys(configRest).length > 0 && { generationConfig: configRest }),
    ...(toolConfigRest && { toolConfig: toolConfigRest }),
  };
}

/** To ask for text and nothing else is to ask for nothing special. */
function isTextAlone(modalities: unknown): boolean {
  return Array.isArray(modalities) && modalities.length === 1 && modalities[0] === "TEXT";
}
