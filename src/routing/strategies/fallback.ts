import type { Strategy } from "./strategy.ts";

/** The first child that is open. Leaves all of the draw to what lies below. */
export const fallback: Strategy = {
  name: "fallback",
  summary: "in this order, the next when one fails",
  pick(choices, group, open) {
    const count = choices.childStart[group + 1]! - choices.childStart[group]!; // A group is a node.
    for (let child = 0; child < count; child++) {
      if (open[child] === 1) return child;
    }
    return -1;
  },
};
