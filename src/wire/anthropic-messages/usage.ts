import type { JsonObject } from "../../ir/json.ts";
import { inputTokensWritten, outputTokensTotal, type Usage } from "../../ir/usage.ts";
import type { Fields } from "../fields.ts";

/**
 * Reads `usage`. Here `input_tokens` leaves the cache out, and `output_tokens` holds the thinking.
 *
 * @param before What was said earlier in the stream: counts are cumulative, and those that are not repeated still stand.
 */
export function decodeUsage(usage: Fields, before?: Usage): Usage {
  const written = usage.numberMaybe("cache_creation_input_tokens");
  const byTime = usage.objectMaybe("cache_creation");
  const long = byTime?.numberMaybe("ephemeral_1h_input_tokens") ?? before?.inputTokensCacheWrittenLong;
  const short = written === undefined ? before?.inputTokensCacheWritten : Math.max(0, written - (long ?? 0));
  const output = usage.numberMaybe("output_tokens");
  const reasoning = usage.objectMaybe("output_tokens_details")?.numberMaybe("thinking_tokens") ?? before?.reasoningTokens ?? 0;
  const webSearches = usage.objectMaybe("server_tool_use")?.numberMaybe("web_search_requests") ?? before?.webSearches;
  const total = output ?? (before === undefined ? 0 : outputTokensTotal(before));
  return {
    inputTokens: usage.numberMaybe("input_tokens") ?? before?.inputTokens ?? 0,
    inputTokensCached: usage.numberMaybe("cache_read_input_tokens") ?? before?.inputTokensCached ?? 0,
    ...(short && { inputTokensCacheWritten: short }),
    ...(long && { inputTokensCacheWrittenLong: long }),
    outputTokens: Math.max(0, total - reasoning),
    reasoningTokens: Math.min(reasoning, total),
    ...(webSearches && { webSearches }),
  };
}

/** Reads which tier has answered; what OpenAI calls `default` is `standard` here. */
export function decodeTier(usage: Fields | undefined): string | undefined {
  const tier = usage?.stringMaybe("service_tier");
  return tier === "standard" ? "default" : tier;
}

/** Writes `usage` with all fields that clients rely on; what is not known is 0. */
export function encodeUsage(usage: Usage | undefined, tier: string | undefined): JsonObject {
  const known = usage ?? { inputTokens: 0, inputTokensCached: 0, outputTokens: 0, reasoningTokens: 0 };
  return {
    input_tokens: known.inputTokens,
    cache_creation_input_tokens: inputTokensWritten(known),
    cache_read_input_tokens: known.inputTokensCached,
    cache_creation: {
      ephemeral_5m_input_tokens: known.inputTokensCacheWritten ?? 0,
      ephemeral_1h_input_tokens: known.inputTokensCacheWrittenLong ?? 0,
    },
    output_tokens: outputTokensTotal(known),
    ...(known.reasoningTokens > 0 && { output_tokens_details: { thinking_tokens: known.reasoningTokens } }),
    ...(known.webSearches && { server_tool_use: { web_search_requests: known.webSearches } }),
    service_tier: tier === "default" ? "standard" : (tier ?? null),
  };
}
