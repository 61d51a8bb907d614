import { auto } from "./auto.ts";
import { conditional } from "./conditional.ts";
import { fallback } from "./fallback.ts";
import { headroom } from "./headroom.ts";
import { leastBusy } from "./least-busy.ts";
import { lowestCost } from "./lowest-cost.ts";
import { lowestLatency } from "./lowest-latency.ts";
import { p2c } from "./p2c.ts";
import { random } from "./random.ts";
import { roundRobin } from "./round-robin.ts";
import { sticky } from "./sticky.ts";
import type { Strategy } from "./strategy.ts";
import { weighted } from "./weighted.ts";

/** Every strategy; `Choices.strategy` holds positions in it. */
export const STRATEGIES: readonly Strategy[] = [
  fallback,
  weighted,
  roundRobin,
  random,
  leastBusy,
  p2c,
  lowestLatency,
  lowestCost,
  headroom,
  sticky,
  conditional,
  auto,
];
