import type { Spent, SpentQuery } from "../ledger/report.ts";
import { type BudgetRule, periodStart, type SpentBefore } from "./budget.ts";

/**
 * Asks the ledger what was spent of each budget in the period under way, so that a restart forgives nothing and denies nobody for what is long past.
 * @param spent The ledger's own answer.
 */
export async function spentBefore(
  rules: readonly BudgetRule[],
  epochMs: number,
  spent: (query: SpentQuery) => Promise<readonly Spent[]>,
): Promise<SpentBefore[]> {
  const found: SpentBefore[] = [];
  for (const { name, per, period, for: whom = {} } of rules) {
    const sums = await spent({ per, sinceEpochMs: periodStart(period, epochMs), ...whom });
    for (const { subject, nanoUsd } of sums) found.push({ rule: name, subject, nanoUsd });
  }
  return found;
}
