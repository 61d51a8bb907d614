import { type Choosing, lowest, type Strategy, toFirst } from "./strategy.ts";

/** How much is written when the client sets no limit: about a page. */
const OUTPUT_TOKENS = 500;

/** The cheapest for this request, by its length and the models' prices. Unknown prices come last; of equals the first in order. */
export const lowestCost: Strategy = {
  name: "lowest-cost",
  summary: "the cheapest for the request at hand; unknown prices last",
  asksFacts: true,
  pick: (choosing) => lowest(choosing, costOf, false),
  shares: toFirst,
};

/** What a request costs at a target. Millionths of a US dollar; infinite if its price is unknown. */
export function costOf({ models, facts }: Choosing, target: number): number {
  const inputPrice = models.inputPrice[target]!; // Targets are rows.
  if (Number.isNaN(inputPrice)) return Number.POSITIVE_INFINITY;
  const outputTokens = Math.min(facts.outputTokensMax ?? OUTPUT_TOKENS, OUTPUT_TOKENS);
  return facts.inputTokens * inputPrice + outputTokens * models.outputPrice[target]!; // The same.
}
