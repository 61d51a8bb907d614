import { type Choosing, evenly, lowest, type Strategy } from "./strategy.ts";

/** The fewest attempts under way; chance among equals. */
export const leastBusy: Strategy = {
  name: "least-busy",
  summary: "whoever has the fewest requests under way",
  pick: (choosing) => lowest(choosing, inFlight, true),
  shares: evenly,
};

function inFlight({ health }: Choosing, target: number): number {
  return health.inFlight(target);
}
