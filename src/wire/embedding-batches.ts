import type { EmbeddingRequest, Vector } from "../ir/embedding.ts";
import { OmniError } from "../ir/failure.ts";
import type { ModelSheet } from "../ir/model-sheet.ts";
import type { Tasks } from "../ir/operation.ts";
import type { Usage } from "../ir/usage.ts";
import type { Performed } from "./task.ts";
import { inputUsage } from "./embedding-texts.ts";
import { leastTokens } from "./text-tokens.ts";

/** How many inputs one call may have where the model's sheet does not say: OpenAI's own limit. */
const INPUTS_MAX = 2048;

/**
 * Holds inputs against what the model takes.
 * @throws {OmniError} `input_too_long`. Texts are only refused when they are too long by any count, since tokens are the provider's to count.
 */
export function checkInputs({ inputs, dimensions }: EmbeddingRequest, sheet: ModelSheet): void {
  const { inputTokensMax, inputCharactersMax, dimensions: longest } = sheet;
  inputs.forEach((input, index) => {
    const tokens = typeof input === "string" ? leastTokens(input) : input.length;
    if (inputTokensMax !== undefined && tokens > inputTokensMax) throw tooLong(index, `about ${tokens} tokens`, `${inputTokensMax} tokens`);
    if (inputCharactersMax !== undefined && typeof input === "string" && input.length > inputCharactersMax)
      throw tooLong(index, `${input.length} characters`, `${inputCharactersMax} characters`);
  });
  if (dimensions !== undefined && longest !== undefined && dimensions > longest)
    throw new OmniError(
      "invalid_request",
      `Cannot make vectors of ${dimensions} numbers: \`dimensions\` of this model goes up to ${longest}.`,
      {
        param: "dimensions",
      },
    );
}

function tooLong(index: number, length: string, most: string): OmniError {
  const message = `Cannot make a vector of \`input[${index}]\`: it has ${length}, and this model takes ${most} at most. Cut it into pieces.`;
  return new OmniError("input_too_long", message, { param: "input" });
}

/** Has the work done in batches, one after the other, and puts the vectors together in order; what is used is added up. */
export async function inBatches(
  inputs: EmbeddingRequest["inputs"],
  { inputsMax = INPUTS_MAX }: ModelSheet,
  embed: (inputs: EmbeddingRequest["inputs"]) => Promise<{ readonly vectors: readonly Vector[]; readonly usage: Usage | undefined }>,
): Promise<Performed<Tasks["embedding"]>> {
  const vectors: Vector[] = [];
  let inputTokens: number | undefined = 0;
  for (let start = 0; start < inputs.length; start += inputsMax) {
    const part = await embed(inputs.slice(start, start + inputsMax));
    for (const vector of part.vectors) vectors.push(vector);
    // What one batch does not say is not known of the whole.
    inputTokens = part.usage === undefined || inputTokens === undefined ? undefined : inputTokens + part.usage.inputTokens;
  }
  return { type: "whole", result: { vectors }, usage: inputUsage(inputTokens) };
}
