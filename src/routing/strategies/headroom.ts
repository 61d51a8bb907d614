import { type Choosing, evenly, lowest, type Strategy } from "./strategy.ts";

/** The most left of its rate limit, as its answers said; chance among equals, and whoever says nothing is taken to have all. */
export const headroom: Strategy = {
  name: "headroom",
  summary: "whoever has the most left of its rate limit",
  asksHeadroom: true,
  pick: (choosing) => lowest(choosing, used, true),
  shares: evenly,
};

function used({ health, nowMs }: Choosing, target: number): number {
  return 1 - health.headroom(target, nowMs);
}
