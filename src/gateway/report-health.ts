import type { FailureKind } from "../ir/failure.ts";
import type { Operation } from "../ir/operation.ts";
import type { Hindrance, TargetState } from "../resilience/target-state.ts";
import { decide, createTried } from "../routing/decide.ts";
import type { Route, TargetId } from "../routing/plan.ts";
import { wholeName } from "../routing/name-routes.ts";
import { STRATEGIES } from "../routing/strategies/index.ts";
import type { World } from "../world/world.ts";
import type { Live } from "./live.ts";

/** What is known at one moment of all that requests can be sent to. Moments are milliseconds since 1970. */
export interface HealthReport {
  readonly config: string;
  readonly atEpochMs: number;
  readonly providers: readonly ReportedProvider[];
  readonly accounts: readonly ReportedAccount[];
  readonly targets: readonly ReportedTarget[];
}

/** One provider: what is between us and it. */
export interface ReportedProvider {
  readonly name: string;
  readonly circuit: "closed" | "open" | "half-open";
  /** When an attempt may go again; undefined if it may now. */
  readonly untilEpochMs: number | undefined;
  readonly inFlight: number;
  /** How many may be under way; undefined for any number. */
  readonly inFlightMax: number | undefined;
}

/** One set of credentials. */
export interface ReportedAccount {
  /** `provider`, or `provider#account` where there are several. */
  readonly name: string;
  /** `rests`: it was refused, and another account or provider is asked. */
  readonly state: "ready" | "rests";
  readonly untilEpochMs: number | undefined;
  /** What its latest refusal was. */
  readonly lastFailure: FailureKind | undefined;
}

/** One target. */
export interface ReportedTarget {
  readonly name: string;
  readonly operation: Operation;
  /** `ready`; `on-trial`: its circuit was open, and one attempt may go to see; `returning`: it was out and gets a part of its traffic; `out`: nothing is sent there. */
  readonly state: "ready" | "on-trial" | "returning" | "out";
  readonly why: readonly ReportedHindrance[];
  /** From 0 to 1. */
  readonly share: number;
  readonly inFlight: number;
  readonly latencyMs: number | undefined;
  readonly headroom: number | undefined;
  readonly lastFailure: FailureKind | undefined;
}

/** Why nothing is sent to a target. */
export interface ReportedHindrance {
  readonly what: Hindrance["what"];
  /** undefined where nobody can tell. */
  readonly untilEpochMs: number | undefined;
}

/** Says what is known of everybody now. */
export function reportHealth({ plan, health }: Live, { clock }: World): HealthReport {
  const nowMs = clock.nowMs();
  const epochMs = clock.epochMs();
  const until = (waitMs: number): number | undefined => (waitMs > 0 ? Math.round(epochMs + waitMs) : undefined);
  const states = plan.targets.map(({ id }) => health.stateOf(id, nowMs));
  return {
    config: plan.hash,
    atEpochMs: Math.round(epochMs),
    providers: plan.providers.flatMap(({ id, name, attemptsMax }) => {
      const target = plan.targets.find(({ provider }) => provider === id);
      if (target === undefined) return [];
      const { circuit, waitMs, inFlight } = health.providerStateOf(target.id, nowMs);
      return [{ name, circuit, untilEpochMs: until(waitMs), inFlight, inFlightMax: attemptsMax }];
    }),
    accounts: plan.accounts.map(({ id, name, provider }) => {
      const own = plan.targets.filter(({ account }) => account === id).map((target) => states[target.id]!); // One for each.
      const rest = own.flatMap(({ hindrances }) => hindrances).find(({ what }) => what === "account_rests");
      const provided = plan.providers[provider]!.name; // Ids are rows.
      return {
        name: name === undefined ? provided : `${provided}#${name}`,
        state: rest === undefined ? "ready" : "rests",
        untilEpochMs: rest && until(rest.waitMs),
        lastFailure: own.map(({ lastFailure }) => lastFailure).find((kind) => kind === "upstream_auth" || kind === "rate_limited"),
      };
    }),
    targets: plan.targets.map(({ name, operation, id }) => {
      const { hindrances, isOnTrial, share, ...rest } = states[id]!; // One for each.
      return {
        name,
        operation,
        state: hindrances.length > 0 ? "out" : isOnTrial ? "on-trial" : share < 1 ? "returning" : "ready",
        why: hindrances.map(({ what, waitMs }) => ({ what, untilEpochMs: until(waitMs) })),
        share,
        ...rest,
      };
    }),
  };
}

/** What would become now of a plain request for a name. */
export interface LiveExplanation {
  readonly operation: Operation;
  /** The route's whole name. */
  readonly route: string;
  readonly strategy: string;
  readonly config: string;
  readonly atEpochMs: number;
  /** In order of preference. */
  readonly targets: readonly LiveTarget[];
}

/** A target of a route, and where it stands now. */
export interface LiveTarget {
  readonly name: string;
  /** 1 for who would be asked now, 2 for who would be asked if that fails, and so on; undefined for who would not be asked. Drawn, where chance has a say. */
  readonly place: number | undefined;
  readonly state: TargetState;
}

/**
 * Says who would be asked now for a name.
 * @returns One explanation for each kind of work that has the name.
 */
export function explainLive({ plan, health }: Live, { clock, random }: World, name: string): readonly LiveExplanation[] {
  const bytes = new TextEncoder().encode(name);
  const nowMs = clock.nowMs();
  return Object.values(plan.names).flatMap((index) => {
    const id = index.find(bytes, 0, bytes.length);
    if (id === -1) return [];
    const route = plan.routes[id]!; // Names lead to rows.
    const order = orderOf(route, (tried, chance) => decide(plan, route.id, health, tried, nowMs, chance), random.unit());
    return [
      {
        operation: route.operation,
        route: wholeName(route),
        strategy: STRATEGIES[plan.choices.strategy[route.root]!]?.name ?? "target", // Roots are nodes; a leaf has none.
        config: plan.hash,
        atEpochMs: Math.round(clock.epochMs()),
        targets: route.targets.map((target) => ({
          name: plan.targets[target]!.name, // Ids are rows.
          place: order.has(target) ? order.get(target) : undefined,
          state: health.stateOf(target, nowMs),
        })),
      },
    ];
  });
}

function orderOf(
  { targets }: Route,
  next: (tried: ReturnType<typeof createTried>, chance: number) => TargetId | -1,
  chance: number,
): ReadonlyMap<TargetId, number> {
  const tried = createTried();
  const order = new Map<TargetId, number>();
  while (order.size < targets.length) {
    const target = next(tried, chance);
    if (target === -1) break;
    tried.add(target);
    order.set(target, order.size + 1);
  }
  return order;
}
