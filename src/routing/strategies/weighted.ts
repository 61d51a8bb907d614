import { byWeight, CHANCE_MAX, type Strategy } from "./strategy.ts";

/** By chance, in proportion to the weights of the children that are open. */
export const weighted: Strategy = {
  name: "weighted",
  summary: "by chance, by weight; when one fails, by weight among the rest",
  pick({ choices, group, count, candidates, draw }) {
    const { weight } = choices;
    const start = choices.childStart[group]!; // A group is a node.
    let total = 0;
    for (let child = 0; child < count; child++) {
      if (candidates[child] !== -1) total += weight[start + child]!; // Edges have weights.
    }
    let left = draw.chance * total;
    let picked = -1;
    for (let child = 0; child < count; child++) {
      if (candidates[child] === -1) continue;
      if (picked !== -1) left -= weight[start + picked]!; // The same.
      picked = child;
      // Where the draw fell inside of this child's share is again evenly spread, and so serves the choice below. The same number used twice would not:
      // half of a group's children could then never be reached behind a sibling of weight one half.
      if (left < weight[start + child]!) break; // The same.
    }
    // Rounding may carry the last child a hair above its share.
    if (picked !== -1) draw.chance = Math.min(left / weight[start + picked]!, CHANCE_MAX); // The same.
    return picked;
  },
  shares: byWeight,
};
