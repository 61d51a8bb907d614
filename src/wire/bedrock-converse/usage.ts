import type { Usage } from "../../ir/usage.ts";
import type { Fields } from "../fields.ts";

/**
 * Reads `usage`. The cache stands outside of the input; reasoning is a part of the output, and is not told apart.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html
 */
export function decodeUsage(usage: Fields): Usage {
  const written = usage.numberMaybe("cacheWriteInputTokens") ?? 0;
  const long = Math.min(written, writtenFor("1h", usage));
  return {
    inputTokens: usage.numberMaybe("inputTokens") ?? 0,
    inputTokensCached: usage.numberMaybe("cacheReadInputTokens") ?? 0,
    ...(written > long && { inputTokensCacheWritten: written - long }),
    ...(long > 0 && { inputTokensCacheWrittenLong: long }),
    outputTokens: usage.numberMaybe("outputTokens") ?? 0,
    reasoningTokens: 0,
  };
}

function writtenFor(ttl: string, usage: Fields): number {
  let tokens = 0;
  for (const detail of usage.objectsMaybe("cacheDetails") ?? [])
    if (detail.json["ttl"] === ttl) tokens += detail.numberMaybe("inputTokens") ?? 0;
  return tokens;
}
