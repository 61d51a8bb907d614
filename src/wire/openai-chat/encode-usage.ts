import type { JsonObject } from "../../ir/json.ts";
import { inputTokensTotal, inputTokensWritten, outputTokensTotal, type Usage } from "../../ir/usage.ts";

/** Writes `usage` as OpenAI does: the cache is part of the prompt, and reasoning is part of the completion. */
export function encodeUsage(usage: Usage): JsonObject {
  const input = inputTokensTotal(usage);
  const output = outputTokensTotal(usage);
  const written = inputTokensWritten(usage);
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: {
      cached_tokens: usage.inputTokensCached,
      ...(written > 0 && { cache_write_tokens: written }),
      audio_tokens: usage.inputTokensOfAudio ?? 0,
    },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens, audio_tokens: usage.outputTokensOfAudio ?? 0 },
  };
}
