import { type AnswerFormat, bagOf, type ChatRequest, type Sampling } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import { Losses } from "../../ir/loss.ts";
import type { Encoded } from "../chat-codec.ts";
import type { CallIdVendor } from "../call-ids.ts";
import { effortOf } from "../effort.ts";
import { OPENAI_CHAT as WIRE } from "../wire-names.ts";
import { encodeMessages, type MessageContext, type ReasoningBack } from "./encode-messages.ts";
import type { CacheStyle } from "./encode-parts.ts";
import { encodeTools } from "./encode-tools.ts";

/** Where a provider departs from OpenAI in what it takes. */
export interface OpenAIChatDepartures {
  /** What the limit of tokens is called. Default `max_completion_tokens`; most compatible providers only know `max_tokens`. */
  readonly tokensField: "max_completion_tokens" | "max_tokens";
  /** In which form reasoning goes back with the history. Default `none`. */
  readonly reasoningBack: ReasoningBack;
  /** How places to cache are marked. Default `none`. */
  readonly cacheMarks: CacheStyle;
  /** Whether the role `developer` is known. Default true. */
  readonly developerRole: boolean;
  /** Whether tools may take free text. Default true; where not, they become functions, and their calls are turned back (client-tools.ts). */
  readonly customTools: boolean;
  /** Whether `top_k` is taken. Default false. */
  readonly topK: boolean;
  /** Whether `stream_options` is taken, by which usage is asked for, also for clients that did not; without it streams may end without usage. Default true. */
  readonly streamOptions: boolean;
  /** Whose demands the ids of calls have to meet. Default `openai`. */
  readonly callIds: CallIdVendor;
  /** Fields of the request, by their names there, that the provider refuses. They are left out, which is a loss. Default: none. */
  readonly omits: readonly string[];
}

/** Writes a request of OpenAI's chat format. Usage is always asked for, also when the client did not; its stream's encoder leaves it out again. */
export function encodeRequest(request: ChatRequest, departures: Partial<OpenAIChatDepartures> = {}): Encoded {
  const losses = new Losses();
  const context: MessageContext = {
    losses,
    cacheMarks: departures.cacheMarks ?? "none",
    customTools: departures.customTools ?? true,
    reasoningBack:
      departures.reasoningBack === "when-asked" && request.reasoningWanted ? "reasoning_content" : (departures.reasoningBack ?? "none"),
    developerRole: departures.developerRole ?? true,
    callIds: departures.callIds ?? "openai",
  };
  losses.addBags(request.bags, WIRE, "");
  const json = {
    model: request.model,
    messages: encodeMessages(request.messages, context),
    ...encodeTools(request, context),
    ...encodeSampling(request.sampling, departures, losses),
    ...encodeReasoning(request, losses),
    ...(request.format && { response_format: encodeFormat(request.format) }),
    ...(request.verbosity !== undefined && { verbosity: request.verbosity }),
    ...(request.endUser !== undefined && { user: request.endUser }),
    ...(request.metadata && { metadata: request.metadata }),
    ...(typeof request.store === "boolean" && { store: request.store }),
    ...(request.serviceTier !== undefined && { service_tier: request.serviceTier }),
    ...(request.cacheKey !== undefined && { prompt_cache_key: request.cacheKey }),
    ...(request.stream && { stream: true, ...(departures.streamOptions !== false && { stream_options: { include_usage: true } }) }),
    ...bagOf(request.bags, WIRE),
  };
  return { json: departures.omits ? without(departures.omits, json, losses) : json, losses: losses.list };
}

function without(names: readonly string[], json: JsonObject, losses: Losses): JsonObject {
  const kept = Object.entries(json).filter(([name]) => {
    if (!names.includes(name)) return true;
    losses.add(name, name, "The provider refuses this field.");
    return false;
  });
  return Object.fromEntries(kept);
}

function encodeSampling(sampling: Sampling, departures: Partial<OpenAIChatDepartures>, losses: Losses): JsonObject {
  const { maxTokens, temperature, topP, topK, stop, seed, presencePenalty, frequencyPenalty, n, logprobs, topLogprobs } = sampling;
  if (topK !== undefined && !departures.topK) losses.add("sampling.topK", "top_k", "OpenAI's chat format has none.");
  return {
    ...(maxTokens !== undefined && { [departures.tokensField ?? "max_completion_tokens"]: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(topK !== undefined && departures.topK && { top_k: topK }),
    ...(stop && { stop }),
    ...(seed !== undefined && { seed }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
    ...(n !== undefined && { n }),
    ...(logprobs !== undefined && { logprobs }),
    ...(topLogprobs !== undefined && { top_logprobs: topLogprobs }),
  };
}

function encodeReasoning({ reasoning }: ChatRequest, losses: Losses): JsonObject {
  if (reasoning === undefined) return {};
  if (reasoning.display !== undefined) losses.add("reasoning.display", "summary", "OpenAI's chat format has no such switch.");
  const effort = effortOf(reasoning);
  if (effort === undefined && reasoning.mode === "off")
    losses.add("reasoning.mode", "thinking", "Only some models can be told not to think.");
  return effort === undefined ? {} : { reasoning_effort: effort };
}

/** The name is required here, and made up where another format has none. */
function encodeFormat(format: AnswerFormat): JsonObject {
  switch (format.type) {
    case "text":
      return { type: "text" };
    case "json":
      return { type: "json_object" };
    case "json-schema": {
      const { name = "answer", description, schema, strict } = format;
      const extras = { ...(description !== undefined && { description }), ...(strict !== undefined && { strict }) };
      return { type: "json_schema", json_schema: { name, ...extras, schema } };
    }
    default:
      return format satisfies never;
  }
}
