import type { ConfigData } from "../../src/config/data.ts";
import type { ProviderDefinition } from "../../src/providers/provider.ts";
import type { Health } from "../../src/resilience/health.ts";
import { type CompileOptions, compile } from "../../src/routing/compile.ts";
import { createTried, decide } from "../../src/routing/decide.ts";
import type { Plan, RouteId } from "../../src/routing/plan.ts";
import type { Bridge } from "../../src/wire/bridge.ts";
import type { Downstream, Upstream, Wire } from "../../src/wire/wire.ts";

/** A format that carries nothing: routing only asks it for its name and its path. */
export function wireOf(name: string, path = "/answers"): Wire {
  const half = { wire: name, path: (model: string, stream: boolean) => `${path}/${model}${stream ? "?stream" : ""}` } as Upstream;
  return { name, operation: "chat", downstream: { paths: [path] } as unknown as Downstream, upstream: () => half };
}

export const smoke: Wire = wireOf("smoke");

/** A kind of provider with a catalog of its own. */
export function kindOf(name: string, models: readonly string[], more: Partial<ProviderDefinition> = {}): ProviderDefinition {
  return {
    name,
    reference: "https://example.com",
    baseUrl: `https://${name}.example.com/v1`,
    auth: { name: "none", headers: () => ({}) },
    keyRequired: false,
    services: [{ operation: "chat", wire: smoke, upstream: smoke.upstream({}) }],
    models: { chat: models },
    ...more,
  };
}

export const OPTIONS: CompileOptions = {
  definitions: [kindOf("vendor", ["big", "small"]), kindOf("rival", ["big", "fast"]), kindOf("bare", [])],
  wires: [smoke],
  bridgeOf: (downstream, upstream, half) =>
    downstream.name === upstream.name ? ({ type: "verbatim", upstream: half } as Bridge) : undefined,
};

/** A configuration of the two vendors, `a` declared before `b`, and whatever else is said. */
export function planOf(config: Partial<ConfigData>, options: Partial<CompileOptions> = {}): Plan {
  return compile({ providers: { a: { kind: "vendor" }, b: { kind: "rival" } }, ...config }, { ...OPTIONS, ...options });
}

/** What a client's name leads to. */
export function find(plan: Plan, name: string): RouteId | -1 {
  const bytes = new TextEncoder().encode(name);
  return plan.names.chat.find(bytes, 0, bytes.length);
}

/** The main name of what a client's name leads to. */
export function routeName(plan: Plan, name: string): string | undefined {
  return plan.routes[find(plan, name)]?.name;
}

/** Health as a list of targets that are out. */
export function healthWithout(plan: Plan, ...out: readonly string[]): Health {
  const closed = new Set(plan.targets.filter((target) => out.includes(target.name)).map((target): number => target.id));
  return {
    allows: (target) => !closed.has(target),
    waitMs: (target) => (closed.has(target) ? 1000 + target : 0),
    isBroken: (target) => closed.has(target),
    inFlight: () => 0,
    share: (target) => (closed.has(target) ? 0 : 1),
    latencyMs: () => 0,
    headroom: () => 1,
  };
}

/** All that is tried until nothing is left, by name. */
export function order(plan: Plan, name: string, chance = 0, ...out: readonly string[]): string[] {
  const tried = createTried();
  const names: string[] = [];
  for (;;) {
    const target = decide(plan, find(plan, name) as RouteId, healthWithout(plan, ...out), tried, 0, chance);
    if (target === -1) return names;
    if (tried.has(target)) throw new Error(`${plan.targets[target]!.name} was picked twice.`);
    tried.add(target);
    names.push(plan.targets[target]!.name);
  }
}
