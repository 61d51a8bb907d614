import type { ModelColumns } from "./plan.ts";
import type { RequestFacts } from "./request-facts.ts";

/** An estimate of tokens may be twice the truth, so only what is longer than twice the window is surely too long. */
const ESTIMATE_FACTOR = 2;

/** Whether a model can serve a request at all, its health aside. Hot path. */
export function isFit({ lacks, contextTokens }: ModelColumns, target: number, { needs, inputTokens }: RequestFacts): boolean {
  return (lacks[target]! & needs) === 0 && inputTokens <= ESTIMATE_FACTOR * contextTokens[target]!; // Targets are rows.
}
