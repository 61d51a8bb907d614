import { byWeight, type Strategy } from "./strategy.ts";

/**
 * The same child for the same session or conversation, so that a provider's cache of its beginning is of use. By highest random weight: nothing is
 * kept, so nothing has to expire; when a child is out, only its own sessions move, spread over the rest, and they come back with it.
 * https://www.rfc-editor.org/rfc/rfc2991
 */
export const sticky: Strategy = {
  name: "sticky",
  summary: "the same for the same session or conversation, by weight; another while that one is out",
  asksFacts: true,
  pick({ choices, group, count, candidates, facts }) {
    const start = choices.childStart[group]!; // A group is a node.
    let picked = -1;
    let highest = Number.NEGATIVE_INFINITY;
    for (let child = 0; child < count; child++) {
      if (candidates[child] === -1) continue;
      const drawn = (mix(facts.affinity, choices.key[start + child]!) + 0.5) / 2 ** 32; // Edges have keys.
      // The logarithm makes each child win in proportion to its weight.
      const score = -choices.weight[start + child]! / Math.log(drawn); // The same.
      if (score > highest || picked === -1) {
        highest = score;
        picked = child;
      }
    }
    return picked;
  },
  shares: byWeight,
};

/** One number of two, in which every bit depends on all bits of both. Below 2^32. */
function mix(a: number, b: number): number {
  let mixed = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ b;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
