import { openAt, type Strategy, toFirst } from "./strategy.ts";

/** The first child whose `when` holds. Children whose condition does not hold are never open, so what is left is order. */
export const conditional: Strategy = {
  name: "conditional",
  summary: "the first whose condition holds, the next of them when it fails",
  asksFacts: true,
  pick: (choosing) => openAt(choosing, 0),
  shares: toFirst,
};
