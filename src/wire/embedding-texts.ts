import type { EmbeddingRequest } from "../ir/embedding.ts";
import { OmniError } from "../ir/failure.ts";
import type { Usage } from "../ir/usage.ts";

/**
 * Inputs for providers that take texts alone: tokens are numbers of one vendor's own vocabulary.
 * @throws {OmniError} `invalid_request`.
 */
export function textsOf(inputs: EmbeddingRequest["inputs"], model: string): readonly string[] {
  return inputs.map((input, index) => {
    if (typeof input === "string") return input;
    const message = `Cannot make a vector of \`input[${index}]\`: it is a list of tokens, and ${model} takes texts alone. Send the text.`;
    throw new OmniError("invalid_request", message, { param: "input" });
  });
}

/** Usage that is input alone. */
export function inputUsage(inputTokens: number | undefined): Usage | undefined {
  return inputTokens === undefined ? undefined : { inputTokens, inputTokensCached: 0, outputTokens: 0, reasoningTokens: 0 };
}
