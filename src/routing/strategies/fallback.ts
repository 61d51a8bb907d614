import { openAt, type Strategy, toFirst } from "./strategy.ts";

/** The first child that is open. Leaves all of the draw to what lies below. */
export const fallback: Strategy = {
  name: "fallback",
  summary: "in this order, the next when one fails",
  pick: (choosing) => openAt(choosing, 0),
  shares: toFirst,
};
