import type { BudgetAccount, BudgetRule } from "./budget.ts";
import type { ConcurrencyRule, UnderWay } from "./concurrency.ts";
import type { RateRule } from "./rate-limit.ts";
import type { Meter } from "./rate-meter.ts";

/** What others must not change meanwhile. */
export interface Exclusion {
  /** From here to `leave` nobody else counts. Not to be entered twice. */
  enter(): void;
  leave(): void;
}

/** Where rules count that hold for several processes together. Without it each process counts for itself. */
export interface Counts {
  /** Held while rates are looked at and taken from; undefined if nobody else could come between. */
  readonly rates: Exclusion | undefined;
  /** The same for budgets and for what is under way. */
  readonly holds: Exclusion | undefined;
  meter(rule: RateRule): Meter;
  account(rule: BudgetRule, subject: string): BudgetAccount;
  underWay(rule: ConcurrencyRule): UnderWay;
}
