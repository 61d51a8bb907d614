import type { Operation } from "../ir/operation.ts";
import type { Plan, Route } from "./plan.ts";

/** The most that one request to a combo can come to, whatever goes wrong, nested combos included. */
export interface WorstCase {
  readonly combo: string;
  readonly operation: Operation;
  readonly targets: number;
  readonly attempts: number;
  /** All attempts and waits together. */
  readonly deadlineMs: number;
  /**
   * US dollars, if all attempts were billed in full, for a thousand tokens of input and a thousand of output each; undefined where the price of any target
   * is not known, or the work is not paid by the token.
   */
  readonly usd: number | undefined;
}

/** A target is asked again at most once. */
const ATTEMPTS_PER_TARGET = 2;
const TOKENS = 1_000;

/** Works it out for every combo, in the order in which they are declared. */
export function worstCases(plan: Plan): WorstCase[] {
  return plan.routes
    .filter(({ type }) => type === "combo")
    .map((route) => {
      const attempts = Math.min(route.attemptsMax, ATTEMPTS_PER_TARGET * route.targets.length);
      const { name: combo, operation, deadlineMs } = route;
      return { combo, operation, targets: route.targets.length, attempts, deadlineMs, usd: usdOf(plan, route, attempts) };
    });
}

/** The dearest targets are asked as often as they can be. */
function usdOf({ models }: Plan, { operation, targets }: Route, attempts: number): number | undefined {
  if (operation !== "chat") return undefined;
  const each = targets.map((target) => ((models.inputPrice[target]! + models.outputPrice[target]!) * TOKENS) / 1e6); // Targets are rows.
  if (each.some(Number.isNaN)) return undefined;
  const dearest = each.flatMap((usd) => Array.from({ length: ATTEMPTS_PER_TARGET }, () => usd)).sort((a, b) => b - a);
  return dearest.slice(0, attempts).reduce((sum, usd) => sum + usd, 0);
}
