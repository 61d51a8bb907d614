import type { ChatRequest } from "../ir/chat.ts";
import type { ChatEvent } from "../ir/chat-events.ts";
import type { FailureKind } from "../ir/failure.ts";
import type { Operation } from "../ir/operation.ts";
import type { Usage } from "../ir/usage.ts";
import type { Caller } from "./caller.ts";

/** What policies may know of an exchange. The gateway's own exchange is one. */
export interface PolicyExchange {
  readonly id: string;
  readonly caller: Caller;
  /** The client's address; empty if it is not known. */
  readonly address: string;
  readonly operation: Operation;
  /** The name that the client asked for, by the plan's spelling. */
  readonly route: string;
  readonly headers: { get(name: string): string | null };
  readonly body: Uint8Array;
  readonly stream: boolean;
  /** How long it may take in all. */
  readonly deadlineMs: number;
  readonly estimate: Estimate;
  /** Headers for the answer, in lower case; policies add to them until the answer begins. */
  readonly answerHeaders: Record<string, string>;
}

/** What an exchange may come to, reckoned before anything is sent. */
export interface Estimate {
  /** Roughly; for limits of tokens. */
  readonly tokens: number;
  /** The most that it can cost over the route's dearest target, billionths of a US dollar; undefined if a price is not known. */
  readonly costNanoUsdMax: number | undefined;
}

/** A target as policies see it. */
export interface PolicyTarget {
  /** `provider/model`. */
  readonly name: string;
  readonly provider: string;
  readonly model: string;
}

/** What came of an exchange, all attempts together. */
export interface PolicyOutcome {
  readonly usage: Usage | undefined;
  /** Of all attempts; undefined if it is not known, and then what was set aside counts. */
  readonly costNanoUsd: number | undefined;
  /** undefined if the client got a complete answer. */
  readonly failure: FailureKind | undefined;
}

/** Now, by both clocks. */
export interface Now {
  readonly nowMs: number;
  readonly epochMs: number;
}

/** What a policy has set aside or counted for an exchange, to be put right in the end. */
export interface Hold {
  /** Called exactly once, when the exchange is over, whatever came of it. Never throws. */
  settle(outcome: PolicyOutcome, now: Now): void;
}

/** A rule of the house. It speaks at six moments of an exchange; those that it has nothing to say at are absent and cost nothing. */
export interface Policy {
  readonly name: string;
  /**
   * May it go on? Before routing has chosen a target, nothing is sent yet.
   * @returns What is to be put right in the end; undefined if there is nothing.
   * @throws {OmniError} If it may not.
   */
  admit?(exchange: PolicyExchange, now: Now): Hold | undefined;
  /** Changes what is asked. A route with such a policy leaves the verbatim path. */
  shape?(exchange: PolicyExchange, request: ChatRequest): ChatRequest;
  /** Gives the answer itself, as a cache does: a whole body in the client's format. undefined: it has none, and costs no promise to say so. */
  answer?(exchange: PolicyExchange): Promise<Uint8Array | undefined> | undefined;
  /** May this target serve it? Asked once for each attempt, right before it is made; false moves on to the next target. */
  steer?(exchange: PolicyExchange, target: PolicyTarget, now: Now): boolean;
  /** Sees each event of a translated answer go by. On the hot path, once per event. */
  watch?(exchange: PolicyExchange, event: ChatEvent): void;
  /** After the last byte, for those that hold nothing. Never throws. */
  settle?(exchange: PolicyExchange, outcome: PolicyOutcome, now: Now): void;
}

/** A moment of an exchange. */
export type Moment = Exclude<keyof Policy, "name">;

/** The policies of a plan, by moment: flat lists, empty where nobody has anything to say. */
export type PolicyPlan = { readonly [M in Moment]: readonly (Policy & Required<Pick<Policy, M>>)[] };

const MOMENTS: readonly Moment[] = ["admit", "shape", "answer", "steer", "watch", "settle"];

/** Sorts policies by the moments that they speak at. Their order stays. */
export function compilePolicies(policies: readonly Policy[]): PolicyPlan {
  const lists = MOMENTS.map((moment) => [moment, policies.filter((policy) => policy[moment] !== undefined)]);
  return Object.fromEntries(lists) as PolicyPlan; // The filter has looked for just what the type says.
}

/** No rules at all. */
export const NO_POLICIES: PolicyPlan = compilePolicies([]);

const NONE: readonly Hold[] = [];
const REFUSED: PolicyOutcome = { usage: undefined, costNanoUsd: 0, failure: "forbidden" };

/**
 * Asks all policies whether an exchange may go on. All or nothing: if one says no, what the others hold is given back.
 * @throws {OmniError} What the first one throws that says no.
 */
export function admitBy(plan: PolicyPlan, exchange: PolicyExchange, now: Now): readonly Hold[] {
  if (plan.admit.length === 0) return NONE;
  const holds: Hold[] = [];
  try {
    for (const policy of plan.admit) {
      const hold = policy.admit(exchange, now);
      if (hold !== undefined) holds.push(hold);
    }
  } catch (error) {
    settleHolds(holds, REFUSED, now);
    throw error;
  }
  return holds;
}

/** Whether all policies let a target serve an exchange. Allocates nothing. */
export function steerBy(plan: PolicyPlan, exchange: PolicyExchange, target: PolicyTarget, now: Now): boolean {
  for (const policy of plan.steer) if (!policy.steer(exchange, target, now)) return false;
  return true;
}

/** Puts everything right at the end of an exchange. To be called once for what `admitBy` gave. */
export function settleBy(plan: PolicyPlan, holds: readonly Hold[], exchange: PolicyExchange, outcome: PolicyOutcome, now: Now): void {
  settleHolds(holds, outcome, now);
  for (const policy of plan.settle) policy.settle(exchange, outcome, now);
}

/** The last that was taken is given back first. */
function settleHolds(holds: readonly Hold[], outcome: PolicyOutcome, now: Now): void {
  for (let at = holds.length - 1; at >= 0; at--) holds[at]?.settle(outcome, now);
}
