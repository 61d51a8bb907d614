import { type SharedName, SharedTable } from "../world/shared-table.ts";
import type { BudgetAccount, BudgetRule } from "./budget.ts";
import type { ConcurrencyRule, UnderWay } from "./concurrency.ts";
import type { Counts } from "./counts.ts";
import type { RateRule } from "./rate-limit.ts";
import { DebtMeter, type Meter } from "./rate-meter.ts";

/** How many subjects of rates are remembered at a time, at most; then those with the least debt are forgotten. */
const RATE_ROWS = 65_536;
/** How many budgets' accounts, and subjects with something under way, there is room for. */
const HOLD_ROWS = 16_384;
/** How many names a process keeps the rows of. */
const NAMES_MAX = 65_536;

const [DEBT, SINCE] = [0, 1];
const RATE_WIDTH = 2;
const [KIND, TOTAL, SPENT, END, TOLD] = [0, 1, 2, 3, 4];
/** Behind these each process has a column of its own, for what it holds. */
const OWN = 5;
const [BUDGET, CONCURRENCY] = [1, 2];

/**
 * What limits, budgets and places count, in memory that the processes of one gateway share: exact, whoever of them asks. What a process holds stands in a
 * column of its own, so that it can be told and given back when the process is killed.
 */
export class SharedCounts implements Counts {
  readonly rates: SharedTable;
  readonly holds: SharedTable;
  private readonly seat: number;
  private readonly seats: number;
  private readonly clockOffsetMs: number;

  /**
   * @param seats How many processes there may be at a time.
   * @param seat Which of them this is, from 0 on.
   * @param clockOffsetMs What to add to this process's `Clock.nowMs` so that it is the same for all.
   */
  constructor(bytes: Uint8Array<ArrayBuffer>, seats: number, seat: number, clockOffsetMs: number) {
    const rateBytes = SharedTable.bytesFor(RATE_ROWS, RATE_WIDTH);
    this.rates = new SharedTable(bytes, RATE_ROWS, RATE_WIDTH, seat);
    this.holds = new SharedTable(bytes.subarray(rateBytes), HOLD_ROWS, OWN + seats, seat);
    this.seat = seat;
    this.seats = seats;
    this.clockOffsetMs = clockOffsetMs;
  }

  /** How much memory it takes for so many processes: 3 MB for four. */
  static bytesFor(seats: number): number {
    return SharedTable.bytesFor(RATE_ROWS, RATE_WIDTH) + SharedTable.bytesFor(HOLD_ROWS, OWN + seats);
  }

  /** Once, by whoever has set the memory up. @param chance 32 bits of it. */
  seed(chance: () => number): void {
    this.rates.seed(chance());
    this.holds.seed(chance());
  }

  meter({ name, per, counts, ...rate }: RateRule): Meter {
    const prefix = JSON.stringify([name, per, counts, rate.limit, rate.windowMs, rate.burst ?? null]);
    return new SharedMeter({ ...rate }, prefix, this.rates, this.clockOffsetMs);
  }

  account(rule: BudgetRule, subject: string): BudgetAccount {
    const name = this.holds.nameOf(JSON.stringify(["budget", rule.name, rule.per, rule.period, subject]));
    return new SharedAccount(rule, subject, this.holds, name, OWN + this.seat);
  }

  underWay({ name, per }: ConcurrencyRule): UnderWay {
    return new SharedUnderWay(JSON.stringify(["concurrency", name, per]), this.holds, OWN + this.seat);
  }

  /**
   * Gives back what a process held that is gone. What it had set aside of budgets counts as spent: what became of it, nobody will ever say, and the
   * ledger books it in the same way.
   */
  release(seat: number): void {
    if (seat < 0 || seat >= this.seats) throw new RangeError(`There is no seat ${seat}.`);
    const { holds } = this;
    holds.enter();
    try {
      for (let row = 0; row <= holds.rows; row++) {
        const own = holds.get(row, OWN + seat);
        if (own === 0) continue;
        holds.set(row, OWN + seat, 0);
        holds.set(row, TOTAL, holds.get(row, TOTAL) - own);
        if (holds.get(row, KIND) === BUDGET) holds.set(row, SPENT, holds.get(row, SPENT) + own);
      }
    } finally {
      holds.leave();
    }
  }
}

/** Names of one rule's subjects. */
class Names {
  private readonly prefix: string;
  private readonly table: SharedTable;
  private readonly names = new Map<string, SharedName>();

  constructor(prefix: string, table: SharedTable) {
    this.prefix = prefix;
    this.table = table;
  }

  of(subject: string): SharedName {
    const known = this.names.get(subject);
    if (known !== undefined) return known;
    const name = this.table.nameOf(this.prefix + subject);
    if (this.names.size >= NAMES_MAX) this.names.clear();
    this.names.set(subject, name);
    return name;
  }
}

class SharedMeter extends DebtMeter {
  private readonly table: SharedTable;
  private readonly names: Names;
  private readonly offsetMs: number;
  private atMs = 0;
  // Debts of different limits are told apart by nothing; those that are nearly paid off are small with all of them.
  private readonly worth = (row: number): number => this.left(this.table.get(row, DEBT), this.table.get(row, SINCE), this.atMs);

  constructor(rate: ConstructorParameters<typeof DebtMeter>[0], prefix: string, table: SharedTable, offsetMs: number) {
    super(rate);
    this.table = table;
    this.names = new Names(prefix, table);
    this.offsetMs = offsetMs;
  }

  protected debt(subject: string, nowMs: number): number {
    const row = this.table.seek(this.names.of(subject));
    return row === -1 ? 0 : this.left(this.table.get(row, DEBT), this.table.get(row, SINCE), nowMs + this.offsetMs);
  }

  protected owe(subject: string, debt: number, nowMs: number): void {
    this.atMs = nowMs + this.offsetMs;
    const row = this.table.row(this.names.of(subject), this.worth);
    this.table.set(row, DEBT, debt);
    this.table.set(row, SINCE, Math.max(Math.floor(this.atMs), this.table.get(row, SINCE)));
  }
}

/** A row that holds nothing can go to another name. Of budgets, what was spent must stay. */
function worthOf(table: SharedTable, row: number): number {
  const holds = table.get(row, TOTAL) !== 0 || table.get(row, SPENT) !== 0;
  return holds ? Number.POSITIVE_INFINITY : 0;
}

class SharedAccount implements BudgetAccount {
  rule: BudgetRule;
  readonly subject: string;
  private readonly table: SharedTable;
  private readonly name: SharedName;
  private readonly own: number;
  private readonly worth = (row: number): number => worthOf(this.table, row);

  constructor(rule: BudgetRule, subject: string, table: SharedTable, name: SharedName, own: number) {
    this.rule = rule;
    this.subject = subject;
    this.table = table;
    this.name = name;
    this.own = own;
  }

  get spent(): number {
    return this.table.get(this.row, SPENT);
  }

  set spent(value: number) {
    this.table.set(this.row, SPENT, value);
  }

  get reserved(): number {
    return this.table.get(this.row, TOTAL);
  }

  set reserved(value: number) {
    addOwn(this.table, this.row, this.own, value - this.reserved);
  }

  get endEpochMs(): number {
    return this.table.get(this.row, END);
  }

  set endEpochMs(value: number) {
    this.table.set(this.row, END, value);
  }

  get told(): number {
    return this.table.get(this.row, TOLD);
  }

  set told(value: number) {
    this.table.set(this.row, TOLD, value);
  }

  private get row(): number {
    const row = this.table.row(this.name, this.worth);
    this.table.set(row, KIND, BUDGET);
    return row;
  }
}

class SharedUnderWay implements UnderWay {
  private readonly table: SharedTable;
  private readonly names: Names;
  private readonly own: number;
  private readonly worth = (row: number): number => worthOf(this.table, row);

  constructor(prefix: string, table: SharedTable, own: number) {
    this.table = table;
    this.names = new Names(prefix, table);
    this.own = own;
  }

  count(subject: string): number {
    const row = this.table.seek(this.names.of(subject));
    return row === -1 ? 0 : this.table.get(row, TOTAL);
  }

  add(subject: string, change: number): void {
    const row = this.table.row(this.names.of(subject), this.worth);
    this.table.set(row, KIND, CONCURRENCY);
    addOwn(this.table, row, this.own, change);
  }
}

function addOwn(table: SharedTable, row: number, own: number, change: number): void {
  table.set(row, TOTAL, table.get(row, TOTAL) + change);
  table.set(row, own, table.get(row, own) + change);
}
