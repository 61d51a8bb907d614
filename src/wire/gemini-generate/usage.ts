import { isJsonObject, type JsonObject, numberOf } from "../../ir/json.ts";
import { inputTokensTotal, outputTokensTotal, type Usage } from "../../ir/usage.ts";
import type { Fields } from "../fields.ts";

/**
 * Reads `usageMetadata`. Here the cache is part of the prompt; thoughts stand outside of the candidates, and what tools read outside of the
 * prompt. Counts that are zero are left out. https://ai.google.dev/api/generate-content#UsageMetadata
 */
export function decodeUsage(usage: Fields): Usage {
  const prompt = (usage.numberMaybe("promptTokenCount") ?? 0) + (usage.numberMaybe("toolUsePromptTokenCount") ?? 0);
  const cached = usage.numberMaybe("cachedContentTokenCount") ?? 0;
  const audioIn = audioOf(usage, "promptTokensDetails");
  const audioOut = audioOf(usage, "candidatesTokensDetails");
  return {
    inputTokens: Math.max(0, prompt - cached),
    inputTokensCached: cached,
    outputTokens: usage.numberMaybe("candidatesTokenCount") ?? 0,
    reasoningTokens: usage.numberMaybe("thoughtsTokenCount") ?? 0,
    ...(audioIn > 0 && { inputTokensOfAudio: audioIn }),
    ...(audioOut > 0 && { outputTokensOfAudio: audioOut }),
  };
}

function audioOf(usage: Fields, key: string): number {
  let count = 0;
  // Once per event: bare looks are three times as cheap as readers, and a detail that is none says nothing.
  for (const detail of usage.listMaybe(key) ?? []) {
    if (isJsonObject(detail) && detail["modality"] === "AUDIO") count += numberOf(detail["tokenCount"]) ?? 0;
  }
  return count;
}

/** Writes `usageMetadata`. */
export function encodeUsage(usage: Usage, serviceTier: string | undefined): JsonObject {
  const input = inputTokensTotal(usage);
  const { inputTokensOfAudio: audioIn = 0, outputTokensOfAudio: audioOut = 0 } = usage;
  return {
    promptTokenCount: input,
    candidatesTokenCount: usage.outputTokens,
    totalTokenCount: input + outputTokensTotal(usage),
    ...(usage.inputTokensCached > 0 && { cachedContentTokenCount: usage.inputTokensCached }),
    ...(usage.reasoningTokens > 0 && { thoughtsTokenCount: usage.reasoningTokens }),
    ...(audioIn > 0 && { promptTokensDetails: details(audioIn, input - audioIn) }),
    ...(audioOut > 0 && { candidatesTokensDetails: details(audioOut, usage.outputTokens - audioOut) }),
    ...(serviceTier !== undefined && { serviceTier: encodeTier(serviceTier) }),
  };
}

function details(audio: number, text: number): JsonObject[] {
  return [
    { modality: "AUDIO", tokenCount: audio },
    { modality: "TEXT", tokenCount: Math.max(0, text) },
  ];
}

/** Reads the name of a tier: what OpenAI calls `default` is `standard` here. */
export function decodeTier(tier: string): string {
  const name = tier.toLowerCase().replace("service_tier_", "");
  return name === "standard" ? "default" : name;
}

/** Writes the name of a tier. */
export function encodeTier(tier: string): string {
  return tier === "default" ? "standard" : tier;
}
