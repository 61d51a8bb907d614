import { fallback } from "./fallback.ts";
import type { Strategy } from "./strategy.ts";
import { weighted } from "./weighted.ts";

/** Every strategy; `Choices.strategy` holds positions in it. */
export const STRATEGIES: readonly Strategy[] = [fallback, weighted];
