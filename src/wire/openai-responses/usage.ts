import type { JsonObject } from "../../ir/json.ts";
import { inputTokensTotal, inputTokensWritten, outputTokensTotal, type Usage } from "../../ir/usage.ts";
import type { Fields } from "../fields.ts";

/** Reads `usage`. Here `input_tokens` holds the cache, and `output_tokens` holds the reasoning; only gateways over Gemini count it beside. */
export function decodeUsage(usage: Fields): Usage {
  const details = usage.objectMaybe("input_tokens_details");
  const input = usage.numberMaybe("input_tokens") ?? 0;
  const output = usage.numberMaybe("output_tokens") ?? 0;
  const cached = details?.numberMaybe("cached_tokens") ?? 0;
  const written = details?.numberMaybe("cache_write_tokens") ?? 0;
  const reasoning = usage.objectMaybe("output_tokens_details")?.numberMaybe("reasoning_tokens") ?? 0;
  return {
    inputTokens: Math.max(0, input - cached - written),
    inputTokensCached: cached,
    ...(written > 0 && { inputTokensCacheWritten: written }),
    outputTokens: reasoning > output ? output : output - reasoning,
    reasoningTokens: reasoning,
  };
}

/** Writes `usage`; both details are required here. */
export function encodeUsage(usage: Usage): JsonObject {
  const input = inputTokensTotal(usage);
  const output = outputTokensTotal(usage);
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.inputTokensCached, cache_write_tokens: inputTokensWritten(usage) },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    total_tokens: input + output,
  };
}
