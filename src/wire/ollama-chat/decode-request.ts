import {
  type AnswerFormat,
  bag,
  type ChatRequest,
  type FunctionTool,
  type ReasoningWish,
  type Sampling,
  type Tool,
} from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import { Fields } from "../fields.ts";
import { OLLAMA_CHAT as WIRE } from "../wire-names.ts";
import { decodeMessages } from "./decode-messages.ts";

const KNOWN = new Set(["model", "messages", "stream", "format", "options", "think", "tools", "logprobs", "top_logprobs"]);
const TOOL = new Set(["type", "function"]);
const FUNCTION = new Set(["name", "description", "parameters"]);

/** Options of the IR with their names here. */
const NUMBERS = [
  ["temperature", "temperature"],
  ["topP", "top_p"],
  ["topK", "top_k"],
  ["seed", "seed"],
  ["presencePenalty", "presence_penalty"],
  ["frequencyPenalty", "frequency_penalty"],
] as const;
const OPTIONS = new Set(["stop", ...NUMBERS.map(([, name]) => name)] as string[]);

/** Reads a request of Ollama's chat. */
export function decodeRequest(json: unknown): ChatRequest {
  const body = Fields.of(json, "", "invalid_request");
  const options = body.objectMaybe("options");
  const tools = decodeTools(body);
  const reasoning = decodeThink(body);
  const format = decodeFormat(body);
  const rest = restOf(body, options);
  const bags = bag(WIRE, Object.keys(rest).length > 0 ? rest : undefined);
  return {
    model: body.string("model"),
    stream: body.booleanMaybe("stream") ?? true,
    messages: decodeMessages(body.objectsMaybe("messages") ?? []),
    sampling: decodeSampling(body, options),
    ...(tools && { tools }),
    ...(reasoning && { reasoning }),
    ...(format && { format }),
    ...(bags && { bags }),
  };
}

function decodeSampling(body: Fields, options: Fields | undefined): Sampling {
  const sampling: { -readonly [K in keyof Sampling]: Sampling[K] } = {};
  for (const [key, name] of NUMBERS) {
    const value = options?.numberMaybe(name);
    if (value !== undefined) sampling[key] = value;
  }
  const limit = options?.numberMaybe("num_predict");
  if (limit !== undefined && limit > 0) sampling.maxTokens = limit;
  const stop = options?.json["stop"];
  if (typeof stop === "string") sampling.stop = [stop];
  else if (options?.has("stop")) sampling.stop = options.stringsMaybe("stop") ?? [];
  const logprobs = body.booleanMaybe("logprobs");
  if (logprobs !== undefined) sampling.logprobs = logprobs;
  const topLogprobs = body.numberMaybe("top_logprobs");
  if (topLogprobs !== undefined) sampling.topLogprobs = topLogprobs;
  return sampling;
}

/** True, false, or how much. https://docs.ollama.com/capabilities/thinking */
function decodeThink(body: Fields): ReasoningWish | undefined {
  const think = body.json["think"];
  if (think === undefined || think === null || think === "") return undefined;
  if (typeof think === "string") return { mode: "adaptive", effort: think };
  if (typeof think !== "boolean") throw body.wrong("think", "true, false or how much");
  return { mode: think ? "adaptive" : "off" };
}

function decodeFormat(body: Fields): AnswerFormat | undefined {
  const format = body.json["format"];
  if (format === undefined || format === null || format === "") return undefined;
  if (format === "json") return { type: "json" };
  if (typeof format === "string") throw body.wrong("format", '"json" or a schema');
  return { type: "json-schema", schema: body.object("format").json };
}

function decodeTools(body: Fields): Tool[] | undefined {
  const tools = body.objectsMaybe("tools")?.map(decodeTool);
  return tools?.length ? tools : undefined;
}

function decodeTool(tool: Fields): FunctionTool {
  const called = tool.object("function");
  const description = called.stringMaybe("description");
  const parameters = called.objectMaybe("parameters")?.json;
  const bags = bag(WIRE, { ...tool.rest(TOOL), ...called.rest(FUNCTION) });
  return {
    type: "function",
    name: called.string("name"),
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    ...(bags && Object.keys(bags[WIRE] ?? {}).length > 0 && { bags }),
  };
}

/** Unknown fields, also those among the options. No limit at all is a setting of this format alone. */
function restOf(body: Fields, options: Fields | undefined): JsonObject {
  const limit = options?.numberMaybe("num_predict");
  const optionsRest = {
    ...options?.rest(new Set([...OPTIONS, "num_predict"])),
    ...(limit !== undefined && limit <= 0 && { num_predict: limit }),
  };
  return { ...body.rest(KNOWN), ...(Object.keys(optionsRest).length > 0 && { options: optionsRest }) };
}
