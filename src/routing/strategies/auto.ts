import { costOf } from "./lowest-cost.ts";
import { columnOf, evenly, lowestOf, type Strategy } from "./strategy.ts";

/** How much each part of the score counts. Together 1. */
export const AUTO_WEIGHTS = { health: 0.3, cost: 0.25, latency: 0.25, headroom: 0.2 } as const;

/**
 * The highest score. Each part is from 0 to 1, and costs and latencies are compared with the highest among the candidates:
 * health is 1, or the part of its traffic that a target gets while it comes back from being out; cost and latency are 1 − own / highest;
 * headroom is what is left of the rate limit. An unknown price counts as the dearest, an unknown latency as the shortest, so that everybody becomes known.
 */
export const auto: Strategy = {
  name: "auto",
  summary: "by score: health 30 %, cost 25 %, latency 25 %, headroom 20 %",
  asksHeadroom: true,
  asksFacts: true,
  pick(choosing) {
    const { count, candidates, health, nowMs } = choosing;
    const missing = columnOf(count);
    if (costs.length < count) costs = new Float64Array(missing.length);
    let highestCost = 0;
    let highestMs = 0;
    for (let child = 0; child < count; child++) {
      const target = candidates[child]!; // Below the count.
      if (target === -1) continue;
      const cost = costOf(choosing, target);
      const ms = health.latencyMs(target, nowMs);
      costs[child] = cost;
      missing[child] = ms;
      if (cost > highestCost && cost !== Number.POSITIVE_INFINITY) highestCost = cost;
      if (ms > highestMs) highestMs = ms;
    }
    for (let child = 0; child < count; child++) {
      const target = candidates[child]!; // The same.
      if (target === -1) continue;
      const cost = costs[child]!; // Written above. So is the latency.
      const costPart = cost === Number.POSITIVE_INFINITY || highestCost === 0 ? 1 : cost / highestCost;
      const latencyPart = highestMs === 0 ? 1 : missing[child]! / highestMs;
      // What is missing to a full score.
      missing[child] =
        AUTO_WEIGHTS.health * (1 - health.share(target, nowMs)) +
        AUTO_WEIGHTS.cost * costPart +
        AUTO_WEIGHTS.latency * latencyPart +
        AUTO_WEIGHTS.headroom * (1 - health.headroom(target, nowMs));
    }
    return lowestOf(choosing, missing, true);
  },
  shares: evenly,
};

/** What each child would cost. Used within one call of `pick`. */
let costs: Float64Array = new Float64Array(64);
