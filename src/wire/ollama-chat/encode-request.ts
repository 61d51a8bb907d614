import { bagOf, type ChatRequest, type ReasoningWish, type Tool } from "../../ir/chat.ts";
import { isJsonObject, type Json, type JsonObject } from "../../ir/json.ts";
import { Losses } from "../../ir/loss.ts";
import type { Encoded } from "../chat-codec.ts";
import { effortOf } from "../effort.ts";
import { titledSchema } from "../titled-schema.ts";
import { OLLAMA_CHAT as WIRE } from "../wire-names.ts";
import { encodeMessages } from "./encode-messages.ts";

/** Where a model departs from what most models on Ollama take. */
export interface OllamaDepartures {
  /** Whether the model can be told how much to think; others only whether. Default: by its name, only gpt-oss. */
  readonly thinkLevels: boolean;
}

/** Writes a request of Ollama's chat. */
export function encodeRequest(request: ChatRequest, departures: Partial<OllamaDepartures> = {}): Encoded {
  const losses = new Losses();
  losses.addBags(request.bags, WIRE, "");
  const { options: optionsRest, ...rest } = bagOf(request.bags, WIRE) ?? {};
  const options = { ...encodeOptions(request), ...(isJsonObject(optionsRest) && optionsRest) };
  const tools = encodeTools(request, losses);
  const think = encodeThink(request.reasoning, departures.thinkLevels ?? request.model.includes("gpt-oss"), losses);
  const { logprobs, topLogprobs } = request.sampling;
  addLosses(request, losses);
  const json: JsonObject = {
    model: request.model,
    messages: encodeMessages(request.messages, losses),
    // Said either way: whoever says nothing here gets a stream.
    stream: request.stream,
    ...(tools.length > 0 && { tools }),
    ...encodeFormat(request),
    ...(think !== undefined && { think }),
    ...(logprobs !== undefined && { logprobs }),
    ...(topLogprobs !== undefined && { top_logprobs: topLogprobs }),
    ...(Object.keys(options).length > 0 && { options }),
    ...rest,
  };
  return { json, losses: losses.list };
}

function encodeOptions({ sampling }: ChatRequest): JsonObject {
  const { maxTokens, temperature, topP, topK, stop, seed, presencePenalty, frequencyPenalty } = sampling;
  return {
    ...(maxTokens !== undefined && { num_predict: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
    ...(stop && { stop }),
    ...(seed !== undefined && { seed }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
  };
}

function encodeFormat({ format }: ChatRequest): JsonObject {
  switch (format?.type) {
    case undefined:
    case "text":
      return {};
    case "json":
      return { format: "json" };
    case "json-schema":
      return { format: titledSchema(format) };
    default:
      return format satisfies never;
  }
}

function encodeThink(wish: ReasoningWish | undefined, hasLevels: boolean, losses: Losses): Json | undefined {
  if (wish === undefined) return undefined;
  if (wish.mode === "off") return false;
  const effort = effortOf(wish);
  if (effort === undefined) return wish.mode === undefined ? undefined : true;
  if (hasLevels) return effort === "minimal" || effort === "none" ? "low" : effort === "xhigh" || effort === "max" ? "high" : effort;
  losses.add("reasoning.effort", "reasoning_effort", "Most models on Ollama can only be told whether to think, not how much.");
  return true;
}

/** There is no choice of tools here: to call none is to have none, and what may be called is what is listed. */
function encodeTools(request: ChatRequest, losses: Losses): JsonObject[] {
  const { toolChoice: choice } = request;
  if (choice?.type === "none") return [];
  const names = choice?.type === "tool" ? [choice.name] : choice?.type === "allowed" ? choice.names : undefined;
  const tools = (request.tools ?? []).flatMap((tool, index) => {
    if (names !== undefined && "name" in tool && !names.includes(tool.name)) return [];
    const json = encodeTool(tool, `tools[${index}]`, losses);
    return json === undefined ? [] : [json];
  });
  const isForced =
    choice?.type === "required" || choice?.type === "tool" || choice?.type === "hosted" || (choice?.type === "allowed" && choice.required);
  if (isForced) losses.add("toolChoice", "tool_choice", "Ollama can not be made to call a tool.");
  if (tools.length > 0 && request.parallelToolCalls === false)
    losses.add("parallelToolCalls", "parallel_tool_calls", "Ollama has no such switch.");
  return tools;
}

function encodeTool(tool: Tool, path: string, losses: Losses): JsonObject | undefined {
  if (tool.type === "hosted" || tool.type === "web-search") {
    const what = tool.type === "hosted" ? String(tool.json["type"] ?? "tool") : "web_search";
    losses.add(path, what, "Ollama runs no tools by itself.", "content");
    return undefined;
  }
  losses.addBags(tool.bags, WIRE, path);
  if (tool.cache !== undefined) losses.add(`${path}.cache`, "cache_control", "Ollama caches by itself and takes no marks.");
  const { name, description } = tool;
  const described = description !== undefined && { description };
  if (tool.type === "function") {
    if (tool.strict === true) losses.add(`${path}.strict`, "strict", "Ollama does not hold calls to their schemas.");
    const parameters = tool.parameters ?? { type: "object", properties: {} };
    return { type: "function", function: { name, ...described, parameters, ...bagOf(tool.bags, WIRE) } };
  }
  // A tool that takes free text becomes a function of an object with that text in it.
  if (tool.format !== undefined && tool.format["type"] !== "text") losses.add(`${path}.format`, "format", "Ollama has no grammars.");
  const parameters = { type: "object", properties: { input: { type: "string" } }, required: ["input"] };
  return { type: "function", function: { name, ...described, parameters } };
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
  for (const [key, name] of UNKNOWN) if (request[key] !== undefined) losses.add(key, name, "Ollama has none.");
  if (request.store === true) losses.add("store", "store", "Ollama keeps no answers.");
  if ((request.sampling.n ?? 1) > 1) losses.add("sampling.n", "n", "Ollama gives one answer.", "content");
  if (request.reasoning?.display !== undefined) losses.add("reasoning.display", "summary", "Ollama shows thoughts as they are.");
}
