import { type AnswerFormat, bag, type ChatRequest, type Sampling } from "../../ir/chat.ts";
import { Fields } from "../fields.ts";
import { decodeSchema } from "../schema-format.ts";
import { OPENAI_CHAT as WIRE } from "../wire-names.ts";
import { decodeMessages } from "./decode-messages.ts";
import { decodeToolChoice, decodeTools } from "./decode-tools.ts";

const KNOWN = new Set([
  ...[
    "model",
    "messages",
    "stream",
    "stream_options",
    "max_completion_tokens",
    "max_tokens",
    "temperature",
    "top_p",
    "top_k",
    "stop",
    "seed",
  ],
  ...["presence_penalty", "frequency_penalty", "n", "logprobs", "top_logprobs", "tools", "functions", "tool_choice", "function_call"],
  ...["parallel_tool_calls", "web_search_options", "reasoning_effort", "verbosity", "response_format", "user", "safety_identifier"],
  ...["metadata", "store", "service_tier", "prompt_cache_key"],
]);

/** Reads a request of OpenAI's chat format. */
export function decodeRequest(json: unknown): ChatRequest {
  const body = Fields.of(json, "", "invalid_request");
  const tools = decodeTools(body);
  const toolChoice = decodeToolChoice(body);
  const parallelToolCalls = body.booleanMaybe("parallel_tool_calls");
  const effort = body.stringMaybe("reasoning_effort");
  const format = decodeFormat(body.objectMaybe("response_format"));
  const verbosity = body.stringMaybe("verbosity");
  const streamUsage = body.objectMaybe("stream_options")?.booleanMaybe("include_usage");
  const user = body.stringMaybe("user");
  const endUser = body.stringMaybe("safety_identifier") ?? user;
  const metadata = body.objectMaybe("metadata")?.json;
  const store = body.booleanMaybe("store");
  const serviceTier = body.stringMaybe("service_tier");
  const cacheKey = body.stringMaybe("prompt_cache_key");
  const bags = bag(WIRE, body.rest(KNOWN));
  return {
    model: body.string("model"),
    stream: body.booleanMaybe("stream") ?? false,
    messages: decodeMessages(body.objects("messages")),
    sampling: decodeSampling(body),
    ...(tools && { tools }),
    ...(toolChoice && { toolChoice }),
    ...(parallelToolCalls !== undefined && { parallelToolCalls }),
    ...(effort !== undefined && { reasoning: { mode: effort === "none" ? "off" : "adaptive", effort } }),
    ...(format && { format }),
    ...(verbosity !== undefined && { verbosity }),
    ...(streamUsage !== undefined && { streamUsage }),
    ...(endUser !== undefined && { endUser }),
    ...(metadata && { metadata }),
    ...(store !== undefined && { store }),
    ...(serviceTier !== undefined && { serviceTier }),
    ...(cacheKey !== undefined && { cacheKey }),
    ...(bags && { bags }),
  };
}

/** Fields of the IR with their names here; `stop` and the limit of tokens are read apart, since they come in two forms. */
const NUMBERS = [
  ["temperature", "temperature"],
  ["topP", "top_p"],
  ["topK", "top_k"],
  ["seed", "seed"],
  ["presencePenalty", "presence_penalty"],
  ["frequencyPenalty", "frequency_penalty"],
  ["n", "n"],
  ["topLogprobs", "top_logprobs"],
] as const;

function decodeSampling(body: Fields): Sampling {
  const sampling: { -readonly [K in keyof Sampling]: Sampling[K] } = {};
  const maxTokens = body.numberMaybe("max_completion_tokens") ?? body.numberMaybe("max_tokens");
  if (maxTokens !== undefined) sampling.maxTokens = maxTokens;
  for (const [key, name] of NUMBERS) {
    const value = body.numberMaybe(name);
    if (value !== undefined) sampling[key] = value;
  }
  const logprobs = body.booleanMaybe("logprobs");
  if (logprobs !== undefined) sampling.logprobs = logprobs;
  const stop = body.json["stop"];
  if (typeof stop === "string") sampling.stop = [stop];
  else if (body.has("stop")) sampling.stop = body.stringsMaybe("stop") ?? [];
  return sampling;
}

function decodeFormat(format: Fields | undefined): AnswerFormat | undefined {
  switch (format?.string("type")) {
    case undefined:
      return undefined;
    case "text":
      return { type: "text" };
    case "json_object":
      return { type: "json" };
    case "json_schema":
      return decodeSchema(format!.object("json_schema")); // It has a type, so it is there.
    default:
      throw format!.wrong("type", '"text", "json_object" or "json_schema"'); // As above.
  }
}
