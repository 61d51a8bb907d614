import { costOf } from "./lowest-cost.ts";
import { type Choosing, evenly, lowest, type Strategy } from "./strategy.ts";

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
    highestCost = 0;
    highestMs = 0;
    for (let child = 0; child < count; child++) {
      const target = candidates[child]!; // Below the count.
      if (target === -1) continue;
      const cost = costOf(choosing, target);
      if (cost > highestCost && cost !== Number.POSITIVE_INFINITY) highestCost = cost;
      const ms = health.latencyMs(target, nowMs);
      if (ms > highestMs) highestMs = ms;
    }
    return lowest(choosing, againstScore, true);
  },
  shares: evenly,
};

// Of the candidates at hand. Used within one call of `pick`.
let highestCost = 0;
let highestMs = 0;

/** What is missing to a full score. */
function againstScore(choosing: Choosing, target: number): number {
  const { health, nowMs } = choosing;
  const cost = highestCost === 0 ? Number.POSITIVE_INFINITY : costOf(choosing, target);
  const costPart = cost === Number.POSITIVE_INFINITY ? 1 : cost / highestCost;
  const latencyPart = highestMs === 0 ? 1 : health.latencyMs(target, nowMs) / highestMs;
  return (
    AUTO_WEIGHTS.health * (1 - health.share(target, nowMs)) +
    AUTO_WEIGHTS.cost * costPart +
    AUTO_WEIGHTS.latency * latencyPart +
    AUTO_WEIGHTS.headroom * (1 - health.headroom(target, nowMs))
  );
}
