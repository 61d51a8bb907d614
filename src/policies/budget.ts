import { OmniError } from "../ir/failure.ts";
import type { Counts } from "./counts.ts";
import { isFor, type LimitFor, subjectOf } from "./limit-subject.ts";
import type { Hold, Now, Policy, PolicyExchange, PolicyOutcome } from "./policy.ts";

/** How long a budget is for. Days, weeks (from Monday on) and months begin at midnight UTC. */
export type BudgetPeriod = "day" | "week" | "month" | "total";

/** Whom a budget is for. */
export type BudgetPer = "key" | "team" | "organisation" | "all";

/** How much may be spent. */
export interface BudgetRule {
  /** What refusals, warnings and the ledger's sums know it by. */
  readonly name: string;
  readonly per: BudgetPer;
  readonly period: BudgetPeriod;
  /** Billionths of a US dollar. */
  readonly limitNanoUsd: number;
  /** Whether it only warns. Default false. */
  readonly soft?: boolean;
  /** Default: everybody. */
  readonly for?: LimitFor;
}

/** What was spent before this process began: a budget outlives a restart. */
export interface SpentBefore {
  readonly rule: string;
  readonly subject: string;
  readonly nanoUsd: number;
}

/** How a budget stands for one of those that it is counted for. */
export interface BudgetStanding {
  readonly rule: string;
  /** A key's id, a team, an organisation; empty for everybody together. */
  readonly subject: string;
  /** Billionths of a US dollar: spent and set aside. */
  readonly nanoUsd: number;
  readonly leftNanoUsd: number;
}

/** Told once when a budget is used up by more than a share, and in which period. */
export type BudgetNote = (note: { readonly rule: BudgetRule; readonly subject: string; readonly share: number }) => void;

/** Shares of a budget that are told of. */
const SHARES = [0.5, 0.8, 1] as const;

/** Names the soft budgets that an exchange may go beyond. */
const WARNING = "x-omni-budget-warning";

/** What is set aside is given back this long after the exchange's deadline, if nobody ever said what became of it. */
const LEASE_BEYOND_DEADLINE_MS = 60_000;

/** What one subject has spent of a budget and what is set aside for it. Billionths of a US dollar. */
export interface BudgetAccount {
  /** Changes with the plan. */
  rule: BudgetRule;
  readonly subject: string;
  spent: number;
  reserved: number;
  /** When the period ends; infinite for `total`. */
  endEpochMs: number;
  /** How many of SHARES were told of. */
  told: number;
}

interface RuleAccounts {
  readonly rule: BudgetRule;
  readonly accounts: Map<string, BudgetAccount>;
}

/**
 * Budgets of money. What an exchange may cost at most is set aside when it comes, and what it did cost takes its place in the end. So no more is ever
 * promised than there is, however many come at once; nothing that is set aside outlives its lease.
 */
export class Budgets implements Policy {
  readonly name = "budget";
  private readonly rules: readonly RuleAccounts[];
  private readonly noted: BudgetNote;
  private readonly shared: Counts | undefined;
  private readonly leases: Set<Reservation>;
  /** No lease ends before this. */
  private leaseEndMsFirst = 0;

  /**
   * @param spentBefore For a process that begins; empty if there is `previous`.
   * @param previous The budgets of the plan before: what was spent and is set aside there stays so here, by the rules' names.
   * @param shared Where to count; undefined for in this process.
   */
  constructor(
    rules: readonly BudgetRule[],
    spentBefore: readonly SpentBefore[],
    epochMs: number,
    noted: BudgetNote = () => {},
    previous?: Budgets,
    shared?: Counts,
  ) {
    this.noted = noted;
    this.shared = shared;
    this.leases = previous?.leases ?? new Set();
    this.rules = rules.map((rule) => ({ rule, accounts: previous?.accountsFor(rule) ?? new Map() }));
    for (const { rule: name, subject, nanoUsd } of spentBefore) {
      const found = this.rules.find(({ rule }) => rule.name === name);
      if (found === undefined) continue;
      this.alone(() => {
        const account = this.accountIn(found, subject, epochMs);
        account.spent += nanoUsd;
        // What was passed before this process began was told of then.
        account.told = Math.max(account.told, SHARES.filter((share) => account.spent >= found.rule.limitNanoUsd * share).length);
      });
    }
  }

  /**
   * Sets the most aside that an exchange can cost.
   * @throws {OmniError} `budget_exceeded`, if a hard budget has not so much left, or if nobody knows what it would cost.
   */
  admit(exchange: PolicyExchange, now: Now): Hold | undefined {
    // On the hot path, so without a closure where nobody else counts.
    return this.shared === undefined ? this.setAside(exchange, now) : this.alone(() => this.setAside(exchange, now));
  }

  private setAside(exchange: PolicyExchange, { nowMs, epochMs }: Now): Hold | undefined {
    this.endLeases(nowMs);
    const most = exchange.estimate.costNanoUsdMax;
    const accounts: BudgetAccount[] = [];
    for (const each of this.rules) {
      const { rule } = each;
      const subject = rule.for !== undefined && !isFor(rule.for, exchange) ? undefined : subjectOf(rule.per, exchange);
      if (subject === undefined) continue;
      const account = this.accountIn(each, subject, epochMs);
      if (rule.soft !== true) check(account, most, epochMs);
      else if (account.spent + account.reserved + (most ?? 0) > rule.limitNanoUsd)
        exchange.answerHeaders[WARNING] = [exchange.answerHeaders[WARNING], rule.name].filter((name) => name !== undefined).join(", ");
      accounts.push(account);
    }
    if (accounts.length === 0) return undefined;
    const lease = new Reservation(this, accounts, most ?? 0, nowMs + exchange.deadlineMs + LEASE_BEYOND_DEADLINE_MS);
    for (const account of accounts) account.reserved += lease.nanoUsd;
    this.leases.add(lease);
    this.leaseEndMsFirst = Math.min(this.leaseEndMsFirst, lease.endMs);
    return lease;
  }

  /** How a budget stands. */
  standing(rule: string, subject: string, epochMs: number): { readonly spentNanoUsd: number; readonly reservedNanoUsd: number } {
    const found = this.rules.find((each) => each.rule.name === rule);
    if (found === undefined) return { spentNanoUsd: 0, reservedNanoUsd: 0 };
    return this.alone(() => {
      const { spent, reserved } = this.accountIn(found, subject, epochMs);
      return { spentNanoUsd: spent, reservedNanoUsd: reserved };
    });
  }

  /** How all budgets stand that anybody has used in their period. */
  standings(epochMs: number): readonly BudgetStanding[] {
    return this.rules.flatMap(({ rule, accounts }) =>
      [...accounts.values()]
        .filter(({ endEpochMs }) => epochMs < endEpochMs)
        .map(({ subject, spent, reserved }) => ({
          rule: rule.name,
          subject,
          nanoUsd: spent + reserved,
          leftNanoUsd: Math.max(0, rule.limitNanoUsd - spent - reserved),
        })),
    );
  }

  /** @internal What `Reservation` calls in the end. */
  settled(lease: Reservation, costNanoUsd: number, epochMs: number): void {
    if (this.shared === undefined) this.putRight(lease, costNanoUsd, epochMs);
    else this.alone(() => this.putRight(lease, costNanoUsd, epochMs));
  }

  private putRight(lease: Reservation, costNanoUsd: number, epochMs: number): void {
    const isHeld = this.leases.delete(lease);
    for (const account of lease.accounts) {
      // A lease that has ended was given back then.
      if (isHeld) account.reserved -= lease.nanoUsd;
      turn(account, epochMs);
      account.spent += costNanoUsd;
      this.tell(account);
    }
  }

  /** The very accounts: exchanges that began under the plan before settle on them. */
  private accountsFor(rule: BudgetRule): Map<string, BudgetAccount> | undefined {
    const accounts = this.rules.find(
      (each) => each.rule.name === rule.name && each.rule.per === rule.per && each.rule.period === rule.period,
    )?.accounts;
    for (const account of accounts?.values() ?? []) account.rule = rule;
    return accounts;
  }

  /** Does what nobody else may come between. */
  private alone<T>(run: () => T): T {
    const exclusion = this.shared?.holds;
    if (exclusion === undefined) return run();
    exclusion.enter();
    try {
      return run();
    } finally {
      exclusion.leave();
    }
  }

  private accountIn({ rule, accounts }: RuleAccounts, subject: string, epochMs: number): BudgetAccount {
    let account = accounts.get(subject);
    if (account === undefined) {
      account = this.shared?.account(rule, subject) ?? { rule, subject, spent: 0, reserved: 0, endEpochMs: 0, told: 0 };
      accounts.set(subject, account);
    }
    turn(account, epochMs);
    return account;
  }

  private endLeases(nowMs: number): void {
    if (nowMs < this.leaseEndMsFirst) return;
    this.leaseEndMsFirst = Number.POSITIVE_INFINITY;
    for (const lease of this.leases) {
      if (lease.endMs > nowMs) this.leaseEndMsFirst = Math.min(this.leaseEndMsFirst, lease.endMs);
      else {
        this.leases.delete(lease);
        for (const account of lease.accounts) account.reserved -= lease.nanoUsd;
      }
    }
  }

  private tell(account: BudgetAccount): void {
    const { rule, subject } = account;
    while (account.told < SHARES.length && account.spent >= rule.limitNanoUsd * SHARES[account.told]!) {
      this.noted({ rule, subject, share: SHARES[account.told]! }); // Below its length, twice.
      account.told++;
    }
  }
}

/** What is set aside for one exchange. */
class Reservation implements Hold {
  readonly accounts: readonly BudgetAccount[];
  readonly nanoUsd: number;
  readonly endMs: number;
  private readonly budgets: Budgets;
  private isSettled = false;

  constructor(budgets: Budgets, accounts: readonly BudgetAccount[], nanoUsd: number, endMs: number) {
    this.budgets = budgets;
    this.accounts = accounts;
    this.nanoUsd = nanoUsd;
    this.endMs = endMs;
  }

  settle({ costNanoUsd }: PolicyOutcome, { epochMs }: Now): void {
    if (this.isSettled) return;
    this.isSettled = true;
    // What nobody knows counts as the most that it can be.
    this.budgets.settled(this, costNanoUsd ?? this.nanoUsd, epochMs);
  }
}

/** A new period begins with nothing spent; what is set aside stays so. A clock that went back brings no old period back. */
function turn(account: BudgetAccount, epochMs: number): void {
  if (epochMs < account.endEpochMs) return;
  account.spent = 0;
  account.told = 0;
  account.endEpochMs = periodEnd(account.rule.period, epochMs);
}

function check({ rule, spent, reserved, endEpochMs }: BudgetAccount, most: number | undefined, epochMs: number): void {
  if (most === undefined)
    throw new OmniError("budget_exceeded", `Cannot take this request: its price is not known, and the budget "${rule.name}" has to hold.`);
  if (spent + reserved + most <= rule.limitNanoUsd) return;
  const message = `Cannot take this request: the budget "${rule.name}" of ${rule.limitNanoUsd / 1e9} US dollars (${rule.period}) has not enough left for it.`;
  // As long as others hold a part, some of it may come back; else the next period has to come.
  const waitMs = spent + most <= rule.limitNanoUsd ? 1_000 : endEpochMs - epochMs;
  throw new OmniError("budget_exceeded", message, Number.isFinite(waitMs) ? { retryAfterMs: waitMs } : {});
}

const DAY_MS = 86_400_000;

/** When the period ends that a moment is in. Milliseconds since 1970. */
export function periodEnd(period: BudgetPeriod, epochMs: number): number {
  const start = periodStart(period, epochMs);
  switch (period) {
    case "day":
      return start + DAY_MS;
    case "week":
      return start + 7 * DAY_MS;
    case "month": {
      const date = new Date(start);
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
    }
    case "total":
      return Number.POSITIVE_INFINITY;
    default:
      return period satisfies never;
  }
}

/** When the period began that a moment is in. 0 for `total`. */
export function periodStart(period: BudgetPeriod, epochMs: number): number {
  const day = Math.floor(epochMs / DAY_MS) * DAY_MS;
  switch (period) {
    case "day":
      return day;
    case "week":
      // 1 January 1970 was a Thursday, three days after a Monday.
      return day - ((day / DAY_MS + 3) % 7) * DAY_MS;
    case "month": {
      const date = new Date(epochMs);
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
    }
    case "total":
      return 0;
    default:
      return period satisfies never;
  }
}
