import type { Health } from "../resilience/health.ts";
import { createTried, decide } from "./decide.ts";
import { isFit } from "./fitness.ts";
import type { ModelColumns, Plan, Route } from "./plan.ts";
import { NEEDS, type RequestFacts } from "./request-facts.ts";

/** Everybody is in service, and nothing is known of anybody. */
export const ALL_WELL: Health = {
  allows: () => true,
  waitMs: () => 0,
  isBroken: () => false,
  inFlight: () => 0,
  share: () => 1,
  latencyMs: () => 0,
  headroom: () => 1,
};

/**
 * Says why no target of a route is for a request, even if all were in service.
 * @returns One reason for each target; undefined if there is one that would do.
 */
export function whyUnfit(plan: Plan, route: Route, facts: RequestFacts): string[] | undefined {
  if (decide(plan, route.id, ALL_WELL, createTried(), 0, 0, facts) !== -1) return undefined;
  return route.targets.map((target) => `${plan.targets[target]!.name} ${reasonOf(plan.models, target, facts)}`); // Ids are rows.
}

function reasonOf(models: ModelColumns, target: number, facts: RequestFacts): string {
  const missing = models.lacks[target]! & facts.needs; // Targets are rows.
  if ((missing & NEEDS.tools) !== 0) return "takes no tools";
  if ((missing & NEEDS.images) !== 0) return "takes no images";
  if ((missing & NEEDS.structuredOutput) !== 0) return "follows no schema";
  if (!isFit(models, target, facts)) return `has room for ${models.contextTokens[target]} tokens, and this is about ${facts.inputTokens}`;
  return "is for other requests (see its `when`)";
}
