import type { Health } from "../resilience/health.ts";
import { holds } from "./condition.ts";
import { isFit } from "./fitness.ts";
import type { ModelColumns, Plan, Route, TargetId } from "./plan.ts";
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

/** The targets of a route that a request may be given to, their health aside: those that can serve it and are meant for it. */
export function fitTargets({ choices, models }: Plan, { nodes, root, targets }: Route, facts: RequestFacts): TargetId[] {
  const reached = new Set([root]);
  const fit = new Set<number>();
  // Those above stand behind those below.
  for (let row = nodes.length - 1; row >= 0; row--) {
    const node = nodes[row]!; // Below the length.
    if (!reached.has(node)) continue;
    const target = choices.target[node]!; // Nodes are rows.
    if (target !== -1 && isFit(models, target, facts)) fit.add(target);
    for (let edge = choices.childStart[node]!; edge < choices.childStart[node + 1]!; edge++) {
      const condition = choices.condition[edge]!; // Edges are rows.
      if (condition === -1 || holds(choices.conditions[condition]!, facts)) reached.add(choices.children[edge]!); // The same.
    }
  }
  return targets.filter((target) => fit.has(target));
}

/** Says, for each target of a route, why a request that fits none of them is not given to it. */
export function whyUnfit(plan: Plan, route: Route, facts: RequestFacts): string[] {
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
