import type { Usage } from "../../ir/usage.ts";
import type { Fields } from "../fields.ts";

/**
 * Reads `usage`. What was processed stands under `tokens`; what is billed leaves Cohere's own prompt out. Cached tokens are a part of the
 * input, and reasoning of the output. https://docs.cohere.com/reference/chat#response.body.usage
 */
export function decodeUsage(usage: Fields): Usage | undefined {
  const tokens = usage.objectMaybe("tokens") ?? usage.objectMaybe("billed_units");
  if (tokens === undefined) return undefined;
  const input = tokens.numberMaybe("input_tokens") ?? 0;
  const output = tokens.numberMaybe("output_tokens") ?? 0;
  const cached = Math.min(usage.numberMaybe("cached_tokens") ?? 0, input);
  const reasoning = Math.min(tokens.numberMaybe("reasoning_tokens") ?? 0, output);
  return { inputTokens: input - cached, inputTokensCached: cached, outputTokens: output - reasoning, reasoningTokens: reasoning };
}
