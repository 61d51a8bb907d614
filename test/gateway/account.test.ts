import { afterEach, describe, expect, test } from "bun:test";
import { Account, type AccountFacts, type AttemptEnd, type Books } from "../../src/gateway/account.ts";
import { LocalDrainer, ledgerFile } from "../../src/ledger/drainer.ts";
import { Journal } from "../../src/ledger/journal.ts";
import { LEDGER_MIGRATIONS } from "../../src/ledger/migrations.ts";
import { openDatabase } from "../../src/ledger/open.ts";
import { priceVersion, ratesOf } from "../../src/ledger/price.ts";
import { attempts } from "../../src/ledger/schema.ts";
import { verify } from "../../src/ledger/verify.ts";
import { Ledger } from "../../src/ledger/writer.ts";
import { Budgets } from "../../src/policies/budget.ts";
import { compilePolicies, type Policy } from "../../src/policies/policy.ts";
import { Rights } from "../../src/policies/rights.ts";
import { ManualClock } from "../../src/world/simulated.ts";
import { temporaryFolder } from "../ledger/samples.ts";
import { caller, thrown } from "../policies/exchange.ts";

const RATES = ratesOf({ input: 1, output: 4 });
const PRICE = { version: priceVersion(RATES), rates: RATES };
const USAGE = { inputTokens: 10, inputTokensCached: 0, outputTokens: 5, reasoningTokens: 0 };
const COST = 30_000;
const TARGET = { name: "openai/gpt", provider: "openai", model: "gpt" };

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function booksIn(folder: string, ...policies: Policy[]): Books & { clock: ManualClock; ledger: Ledger } {
  const clock = new ManualClock();
  const ledger = new Ledger(new Journal({ folder, owner: "me" }), new LocalDrainer({ folder, owner: "me" }, 0, 0), clock);
  closing.push(() => ledger.close());
  return { policies: compilePolicies(policies), ledger, clock, config: "0123abcd" };
}

function accountOf(books: Books, more: Partial<AccountFacts> = {}): Account {
  return new Account(books, {
    id: "0193",
    caller: caller(),
    address: () => "192.0.2.7",
    operation: "chat",
    route: "smart",
    headers: new Headers(),
    body: new Uint8Array(),
    stream: false,
    startedMs: books.clock.nowMs(),
    deadlineMs: 600_000,
    bodyBytes: 20,
    outputTokensMax: 10,
    prices: [PRICE],
    ...more,
  });
}

const end = (more: Partial<AttemptEnd> = {}): AttemptEnd => ({
  failure: undefined,
  usage: USAGE,
  firstByteMs: undefined,
  firstTokenMs: undefined,
  bytesOut: 7,
  losses: [],
  ...more,
});

function auditOf(folder: string) {
  const { database } = openDatabase(ledgerFile(folder), LEDGER_MIGRATIONS, 0);
  const rows = database.drizzle.select().from(attempts).all();
  const audit = verify(database, () => true);
  database.sqlite.close();
  return { rows, audit };
}

describe("an account", () => {
  test("of an exchange that needed two attempts has two rows, and the sum of both", async () => {
    using folder = temporaryFolder();
    const books = booksIn(folder.path);
    const account = accountOf(books);
    account.admit();
    await books.clock.advance(5);
    account.settleAttempt(account.openAttempt(TARGET, PRICE), end({ failure: "upstream_overloaded", usage: undefined }));
    const second = account.openAttempt({ ...TARGET, name: "b/gpt", provider: "b" }, PRICE);
    const startedMs = books.clock.nowMs();
    await books.clock.advance(100);
    account.settleAttempt(second, end({ firstByteMs: startedMs + 40, losses: [{ what: "tools" }, { what: "tools" }] as never }));
    expect(account.costUsd).toBe("0.00003");
    account.settle(undefined, USAGE);
    await books.ledger.flush();
    const { rows, audit } = auditOf(folder.path);
    expect(rows).toMatchObject([
      { requestId: "0193", attempt: 1, state: "zero", costNanoUsd: 0, failure: "upstream_overloaded", queueMs: 5 },
      {
        attempt: 2,
        provider: "b",
        state: "exact",
        costNanoUsd: COST,
        firstByteMs: 40,
        totalMs: 100,
        losses: "tools",
        keyName: "alice",
        bytesOut: 7,
      },
    ]);
    expect(audit).toMatchObject({ discrepancies: [], costNanoUsd: COST, costNanoUsdReckoned: COST });
  });

  test("of an answer that was there already has a row that says so, and costs nothing", async () => {
    using folder = temporaryFolder();
    const books = booksIn(folder.path);
    const account = accountOf(books);
    account.admit();
    account.answeredBefore(TARGET, 12);
    expect(account.costUsd).toBe("0.00");
    account.settle(undefined, undefined);
    await books.ledger.flush();
    const { rows, audit } = auditOf(folder.path);
    expect(rows).toMatchObject([{ attempt: 1, state: "zero", cache: "hit", costNanoUsd: 0, bytesOut: 12, inputTokens: null }]);
    expect(audit.discrepancies).toEqual([]);
  });

  test("sets aside the most that it can cost, and gives back what it did not", async () => {
    using folder = temporaryFolder();
    const budgets = new Budgets([{ name: "b", per: "all", period: "total", limitNanoUsd: 100_000 }], [], 0);
    const books = booksIn(folder.path, budgets);
    const account = accountOf(books);
    account.admit();
    expect(budgets.standing("b", "", 0)).toEqual({ spentNanoUsd: 0, reservedNanoUsd: 50_000 });
    expect(thrown(() => accountOf(books, { outputTokensMax: 1_000 }).admit())).toMatchObject({ kind: "budget_exceeded" });
    account.settleAttempt(account.openAttempt(TARGET, PRICE), end());
    account.settle(undefined, USAGE);
    account.settle(undefined, USAGE);
    expect(budgets.standing("b", "", 0)).toEqual({ spentNanoUsd: COST, reservedNanoUsd: 0 });
  });

  test("counts at what was set aside when the client left and nobody knows", async () => {
    using folder = temporaryFolder();
    const budgets = new Budgets([{ name: "b", per: "all", period: "total", limitNanoUsd: 100_000 }], [], 0);
    const account = accountOf(booksIn(folder.path, budgets));
    account.admit();
    account.settleAttempt(account.openAttempt(TARGET, PRICE), end({ failure: "client_closed", usage: undefined }));
    account.settle("client_closed", undefined);
    expect(budgets.standing("b", "", 0)).toEqual({ spentNanoUsd: 50_000, reservedNanoUsd: 0 });
  });

  test("looks at how much was asked for when it comes to that, and not before", async () => {
    using folder = temporaryFolder();
    const books = booksIn(folder.path);
    let asked = 0;
    const readOutputTokensMax = (): number => {
      asked++;
      return 10;
    };
    const account = accountOf(books, { readOutputTokensMax, outputTokensMax: undefined });
    account.admit();
    account.settleAttempt(account.openAttempt(TARGET, PRICE), end());
    expect(asked).toBe(0);
    account.settleAttempt(account.openAttempt(TARGET, PRICE), end({ failure: "client_closed", usage: undefined }));
    expect(asked).toBe(1);
    await books.ledger.flush();
    expect(auditOf(folder.path).rows).toMatchObject([{ state: "exact" }, { state: "unknown", costNanoUsd: 50_000 }]);
  });

  test("that was not let in holds nothing and has no row", async () => {
    using folder = temporaryFolder();
    const books = booksIn(folder.path);
    const account = accountOf(books, { caller: caller("alice", { rights: new Rights({ models: ["fast"] }) }) });
    expect(thrown(() => account.admit())).toMatchObject({ kind: "forbidden" });
    account.settle("forbidden", undefined);
    await books.ledger.flush();
    expect(auditOf(folder.path).rows).toEqual([]);
  });

  test("says no cost where it knows none", () => {
    using folder = temporaryFolder();
    const account = accountOf(booksIn(folder.path), { prices: [PRICE, undefined] });
    expect(account.estimate.costNanoUsdMax).toBeUndefined();
    account.admit();
    account.settleAttempt(account.openAttempt(TARGET, undefined), end());
    expect(account.costUsd).toBeUndefined();
  });

  test("keeps a key to its providers, and asks the policies", () => {
    using folder = temporaryFolder();
    const books = booksIn(folder.path, { name: "no-b", steer: (_, { provider }) => provider !== "b" });
    const limited = accountOf(books, { caller: caller("alice", { rights: new Rights({ providers: ["a", "b"] }) }) });
    const to = (provider: string) => limited.maySteerTo({ name: `${provider}/m`, provider, model: "m" });
    expect([to("a"), to("b"), to("c")]).toEqual([true, false, false]);
  });
});
