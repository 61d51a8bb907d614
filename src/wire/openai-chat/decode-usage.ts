import type { Usage } from "../../ir/usage.ts";
import type { Fields } from "../fields.ts";

/**
 * Reads `usage`. Here `prompt_tokens` holds what came from the cache and what was written to it, and `completion_tokens` holds the reasoning,
 * though not with all providers: xAI counts reasoning beside it (the total says so), and gateways report Gemini's the same way (more
 * reasoning than completion). Cached tokens stand in five places, depending on the provider.
 */
export function decodeUsage(usage: Fields): Usage {
  const input = usage.objectMaybe("prompt_tokens_details");
  const output = usage.objectMaybe("completion_tokens_details");
  const prompt = usage.numberMaybe("prompt_tokens") ?? 0;
  const completion = usage.numberMaybe("completion_tokens") ?? 0;
  const total = usage.numberMaybe("total_tokens");
  const reasoning = output?.numberMaybe("reasoning_tokens") ?? 0;
  const cached =
    input?.numberMaybe("cached_tokens") ??
    usage.numberMaybe("prompt_cache_hit_tokens") ??
    usage.numberMaybe("cache_read_input_tokens") ??
    usage.numberMaybe("cached_tokens") ??
    0;
  const written = input?.numberMaybe("cache_write_tokens") ?? usage.numberMaybe("cache_creation_input_tokens") ?? 0;
  const beside = reasoning > completion || (reasoning > 0 && total === prompt + completion + reasoning);
  const audioIn = input?.numberMaybe("audio_tokens");
  const audioOut = output?.numberMaybe("audio_tokens");
  return {
    inputTokens: Math.max(0, prompt - cached - written),
    inputTokensCached: cached,
    ...(written > 0 && { inputTokensCacheWritten: written }),
    outputTokens: beside ? completion : completion - reasoning,
    reasoningTokens: reasoning,
    ...(audioIn && { inputTokensOfAudio: audioIn }),
    ...(audioOut && { outputTokensOfAudio: audioOut }),
  };
}
