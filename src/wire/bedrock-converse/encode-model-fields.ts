import type { ChatRequest } from "../../ir/chat.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { encodeReasoning } from "../anthropic-messages/encode-reasoning.ts";
import { effortOf } from "../effort.ts";
import type { ModelTraits } from "./traits.ts";

/** What goes to the model: `fields` in its maker's own words, `inference` in those of Converse. */
export interface ModelFields {
  readonly fields: JsonObject;
  readonly inference: JsonObject;
}

/** Thinking within a budget needs a limit of tokens above it. */
const TOKENS_MAX = 32_000;

/** Writes how the model is to think and to sample. */
export function encodeModelFields(request: ChatRequest, traits: ModelTraits, losses: Losses): ModelFields {
  const thinking = encodeThinking(request, traits, losses);
  const { maxTokens, temperature, topP, topK, stop } = request.sampling;
  // Whitespace alone is refused as a stop sequence.
  const stopSequences = stop?.filter((sequence) => sequence.trim() !== "") ?? [];
  if (stopSequences.length < (stop?.length ?? 0)) losses.add("sampling.stop", "stop", "Bedrock refuses stop sequences of blanks.");
  const isFixed = { temperature: !traits.sampling || (thinking.isOn && temperature !== 1), topP: !traits.sampling };
  if (temperature !== undefined && isFixed.temperature)
    losses.add("sampling.temperature", "temperature", "The model takes none, or none while it thinks.");
  else if (temperature !== undefined && temperature > 1) losses.add("sampling.temperature", "temperature", "Bedrock's scale ends at 1.");
  if (topP !== undefined && isFixed.topP) losses.add("sampling.topP", "top_p", "The model takes none.");
  const top = topK === undefined ? {} : encodeTopK(topK, traits, thinking.isOn, losses);
  const limit = maxTokens ?? (thinking.needsLimit ? TOKENS_MAX : undefined);
  return {
    fields: { ...thinking.fields, ...top },
    inference: {
      ...(limit !== undefined && { maxTokens: limit }),
      ...(temperature !== undefined && !isFixed.temperature && { temperature: Math.min(temperature, 1) }),
      ...(topP !== undefined && !isFixed.topP && { topP }),
      ...(stopSequences.length > 0 && { stopSequences }),
    },
  };
}

function encodeTopK(topK: number, { maker, sampling }: ModelTraits, thinks: boolean, losses: Losses): JsonObject {
  if (maker === "anthropic" && sampling && !thinks) return { top_k: topK };
  if (maker === "nova") return { inferenceConfig: { topK } };
  losses.add("sampling.topK", "top_k", "The model takes none, or none while it thinks.");
  return {};
}

interface Thinking {
  readonly fields: JsonObject;
  /** Whether Claude thinks, which leaves less to say about how it samples. */
  readonly isOn: boolean;
  readonly needsLimit: boolean;
}

function encodeThinking(request: ChatRequest, traits: ModelTraits, losses: Losses): Thinking {
  if (traits.maker !== "anthropic") return { fields: encodeEffort(request, traits, losses), isOn: false, needsLimit: false };
  // What is shown of thoughts was noted already as the format's own loss.
  const { display: _, ...wish } = request.reasoning ?? {};
  const asked = request.reasoning === undefined ? request : { ...request, reasoning: wish };
  const { thinking, config } = encodeReasoning(asked, traits.thinking, TOKENS_MAX, losses);
  // Models that think within a budget know of no effort.
  const effort: Json | undefined = traits.thinking === "adaptive" ? config : undefined;
  if (config !== undefined && effort === undefined && thinking === undefined)
    losses.add("reasoning.effort", "reasoning_effort", "The model knows of no effort.");
  return {
    fields: { ...(thinking && { thinking }), ...(effort && { output_config: effort }) },
    isOn: thinking !== undefined && thinking["type"] !== "disabled",
    needsLimit: thinking?.["type"] === "enabled",
  };
}

/** Those who can only be told how much. https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html */
function encodeEffort({ reasoning, model }: ChatRequest, { maker }: ModelTraits, losses: Losses): JsonObject {
  if (reasoning === undefined) return {};
  const isOff = reasoning.mode === "off";
  const effort = isOff ? undefined : levelOf(effortOf(reasoning));
  if (maker === "openai" && effort !== undefined) return { reasoning_effort: effort };
  if (maker === "nova" && model.includes("nova-2")) {
    if (isOff) return { reasoningConfig: { type: "disabled" } };
    if (effort !== undefined) return { reasoningConfig: { type: "enabled", maxReasoningEffort: effort } };
  }
  if (effort !== undefined) losses.add("reasoning.effort", "reasoning_effort", "The model can not be told how much to think.");
  return {};
}

function levelOf(effort: string | undefined): string | undefined {
  if (effort === "minimal" || effort === "none") return "low";
  return effort === "xhigh" || effort === "max" ? "high" : effort;
}
