import { addressGroup } from "./address-group.ts";
import type { Caller } from "./caller.ts";
import type { PolicyExchange } from "./policy.ts";

/** Whom a limit is counted for. `all`: everybody together. */
export type LimitPer = "key" | "team" | "organisation" | "model" | "address" | "all";

/**
 * Whom an exchange counts for.
 * @returns undefined if there is nobody of that kind: a key without a team is under no limit of teams.
 */
export function subjectOf(per: LimitPer, exchange: PolicyExchange): string | undefined {
  switch (per) {
    case "key":
      return exchange.caller.keyId;
    case "team":
      return exchange.caller.team;
    case "organisation":
      return exchange.caller.organisation;
    case "model":
      return exchange.route;
    case "address":
      return addressGroup(exchange.address);
    case "all":
      return "";
    default:
      return per satisfies never;
  }
}

/** Which callers a rule is for. What is absent does not matter. */
export interface LimitFor {
  /** Names of keys. */
  readonly keys?: readonly string[];
  readonly teams?: readonly string[];
  readonly organisations?: readonly string[];
}

/** Whether a rule is for an exchange's caller. */
export function isFor(whom: LimitFor, { caller }: PolicyExchange): boolean {
  return isWhom(whom, caller);
}

/** Whether a caller is one of those that are meant. */
export function isWhom({ keys, teams, organisations }: LimitFor, caller: Caller): boolean {
  if (keys !== undefined && !keys.includes(caller.keyName)) return false;
  if (teams !== undefined && !teams.includes(caller.team ?? "")) return false;
  return organisations === undefined || organisations.includes(caller.organisation ?? "");
}
