import type { FailureKind } from "../ir/failure.ts";
import type { Operation } from "../ir/operation.ts";
import type { Plan, Route } from "../routing/plan.ts";
import { STRATEGIES } from "../routing/strategies/index.ts";
import type { Hindrance } from "../resilience/target-state.ts";
import type { AttemptRecord, Exchange } from "./exchange.ts";

/** How many exchanges are remembered. Each takes some hundred bytes. */
const REMEMBERED = 1_000;

/** How an answer came about, read back. */
export interface Decision {
  readonly requestId: string;
  readonly operation: Operation;
  /** The name of the route. */
  readonly route: string;
  /** The hash of the plan that it ran under. */
  readonly config: string;
  /** How the route chooses; `target` for a name that stands for one. */
  readonly strategy: string;
  readonly startedEpochMs: number;
  readonly totalMs: number;
  readonly attempts: readonly DecidedAttempt[];
  /** What the client was told; undefined if it got its answer. */
  readonly failure: FailureKind | undefined;
  /** `hit`: no provider was asked, the answer was there already. */
  readonly cache: "hit" | "miss" | "bypass" | undefined;
}

/** One attempt, and who was not asked instead. */
export interface DecidedAttempt {
  readonly target: string;
  /** Since the request came. Milliseconds. */
  readonly afterMs: number;
  /** undefined if it was good. */
  readonly failure: FailureKind | undefined;
  /** Whether it was made beside the one before, which was late. */
  readonly isHedge: boolean;
  /** Targets that stand before it in the route and could not be asked then. */
  readonly passedOver: readonly {
    readonly target: string;
    readonly hindrances: readonly Hindrance[];
    readonly lastFailure: FailureKind | undefined;
  }[];
}

interface Slot {
  id: string;
  plan: Plan;
  route: Route;
  attempts: readonly AttemptRecord[];
  failure: FailureKind | undefined;
  cache: Exchange["cache"];
  startedMs: number;
  startedEpochMs: number;
  totalMs: number;
}

/** The latest exchanges, so that one can ask why one of them went as it did. A ring that is written over: noting one costs a dozen stores. */
export class Decisions {
  private readonly slots: Slot[] = [];
  private next = 0;

  /** Hot path, once per exchange. */
  note({ id, live, route, attempts, cache, startedMs, world }: Exchange, failure: FailureKind | undefined): void {
    const totalMs = world.clock.nowMs() - startedMs;
    const startedEpochMs = world.clock.epochMs() - totalMs;
    const slot = this.slots[this.next];
    if (slot === undefined) this.slots.push({ id, plan: live.plan, route, attempts, failure, cache, startedMs, startedEpochMs, totalMs });
    else {
      slot.id = id;
      slot.plan = live.plan;
      slot.route = route;
      slot.attempts = attempts;
      slot.failure = failure;
      slot.cache = cache;
      slot.startedMs = startedMs;
      slot.startedEpochMs = startedEpochMs;
      slot.totalMs = totalMs;
    }
    this.next = (this.next + 1) % REMEMBERED;
  }

  /** @returns undefined if nobody knows of it, or not any more. */
  find(requestId: string): Decision | undefined {
    const slot = this.slots.find(({ id }) => id === requestId);
    if (slot === undefined) return undefined;
    const { plan, route, startedMs, startedEpochMs, totalMs, attempts, failure, cache } = slot;
    return {
      requestId,
      operation: route.operation,
      route: route.name,
      config: plan.hash,
      strategy: STRATEGIES[plan.choices.strategy[route.root]!]?.name ?? "target", // Roots are nodes; a leaf has none.
      startedEpochMs,
      totalMs,
      attempts: attempts.map((attempt) => ({
        target: attempt.target.name,
        afterMs: attempt.startedMs - startedMs,
        failure: attempt.failure,
        isHedge: attempt.isHedge,
        passedOver: attempt.passedOver,
      })),
      failure,
      cache,
    };
  }
}
