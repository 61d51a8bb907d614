import type { Health } from "../resilience/health.ts";
import type { Plan, RouteId } from "./plan.ts";

/**
 * How long until some target of a route may be asked again: what to tell a client when `decide` finds none.
 * @returns Milliseconds; 0 if one may be asked now.
 */
export function waitMs(plan: Plan, route: RouteId, health: Health, nowMs: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (const target of plan.routes[route]!.targets) least = Math.min(least, health.waitMs(target, nowMs)); // Ids are rows.
  return least;
}
