import type { Health } from "../resilience/health.ts";
import type { Plan, RouteId, TargetId } from "./plan.ts";

/** The targets that an exchange has tried, so that none is picked twice unless asked for. Made once per exchange; `decide` only reads it. */
export interface Tried {
  readonly count: number;
  has(target: number): boolean;
}

/**
 * Picks the next target of a route: the choice of its strategies among the targets that health allows and that were not tried.
 * Pure, and allocates nothing.
 * @param chance A number from 0 to 1 that settles what is left to chance.
 * @returns -1 if no target is left.
 */
export declare function decide(plan: Plan, route: RouteId, health: Health, tried: Tried, nowMs: number, chance: number): TargetId | -1;
