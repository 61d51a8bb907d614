import { type Choosing, evenly, lowest, type Strategy } from "./strategy.ts";

/**
 * The shortest time to the first content, of late. One of which nothing is known, or not for long, is measured as quick: so it gets a request and
 * becomes known, and one that was slow once is not slow forever.
 */
export const lowestLatency: Strategy = {
  name: "lowest-latency",
  summary: "whoever came to content the soonest of late",
  pick: (choosing) => lowest(choosing, latencyMs, true),
  shares: evenly,
};

function latencyMs({ health, nowMs }: Choosing, target: number): number {
  return health.latencyMs(target, nowMs);
}
