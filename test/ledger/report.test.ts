import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import type { AttemptOpened, AttemptOutcome } from "../../src/ledger/attempt.ts";
import { Drain } from "../../src/ledger/drain.ts";
import { Journal } from "../../src/ledger/journal.ts";
import { LEDGER_MIGRATIONS } from "../../src/ledger/migrations.ts";
import { type LedgerDatabase, openDatabase } from "../../src/ledger/open.ts";
import { costNanoUsd, priceVersion, ratesOf } from "../../src/ledger/price.ts";
import { compact, spentBy, type UsageBy, usageBy, usageTotal } from "../../src/ledger/report.ts";
import type { BudgetRule } from "../../src/policies/budget.ts";
import { spentBefore } from "../../src/policies/spent-before.ts";
import { verify } from "../../src/ledger/verify.ts";
import { opened, outcome, temporaryFolder } from "./samples.ts";

const DAY = 86_400_000;
const START = Date.UTC(2025, 0, 1);
const RATES = ratesOf({ input: 1, inputCached: 0.1, output: 4 });
const PRICE = priceVersion(RATES);
const USAGE = { inputTokens: 100, inputTokensCached: 20, outputTokens: 30, reasoningTokens: 5 };
const COST = costNanoUsd(USAGE, RATES);

type Entry = readonly [Partial<AttemptOpened> & { requestId: string }, Partial<AttemptOutcome>?];

/** A ledger with these attempts in it. */
function ledgerWith(folder: string, entries: readonly Entry[]): LedgerDatabase {
  const { database } = openDatabase(join(folder, "ledger.sqlite"), LEDGER_MIGRATIONS, 0);
  const journal = new Journal({ folder, owner: "me" });
  journal.append({ type: "price", version: PRICE, name: "openai/gpt-5.1", rates: RATES }, 0);
  for (const [begin, end] of entries) {
    const { requestId, attempt = 1 } = begin;
    journal.append({ type: "open", opened: opened(requestId, attempt, { price: PRICE, startedEpochMs: START, ...begin }) }, 0);
    if (end !== undefined)
      journal.append({ type: "settle", requestId, attempt, outcome: outcome({ usage: USAGE, costNanoUsd: COST, ...end }) }, 0);
  }
  new Drain(database, folder).run("me", false);
  return database;
}

const MIXED: readonly Entry[] = [
  [
    { requestId: "a", provider: "anthropic", model: "claude" },
    { certainty: "zero", usage: undefined, costNanoUsd: 0, failure: "upstream_unreachable" },
  ],
  [{ requestId: "a", attempt: 2 }, {}],
  [{ requestId: "b", keyName: "bob", keyId: "key-of-bob", team: "ads", startedEpochMs: START + DAY }, {}],
  [
    { requestId: "c", keyName: undefined, keyId: undefined, team: undefined, price: undefined, startedEpochMs: START + 2 * DAY },
    { costNanoUsd: undefined },
  ],
  [{ requestId: "d", startedEpochMs: START + 2 * DAY }],
];

describe("usage", () => {
  test("is added up by key, with what is open and what nobody knows the price of told apart", () => {
    using folder = temporaryFolder();
    const rows = usageBy(ledgerWith(folder.path, MIXED), "key");
    expect(rows).toMatchObject([
      {
        group: "alice",
        requests: 2,
        attempts: 3,
        failures: 1,
        inputTokens: 100,
        inputTokensCached: 20,
        outputTokens: 30,
        reasoningTokens: 5,
        costNanoUsd: COST,
        unpriced: 0,
      },
      { group: "bob", requests: 1, costNanoUsd: COST },
      { group: "anonymous", requests: 1, costNanoUsd: 0, unpriced: 1 },
    ]);
    expect(usageTotal(rows)).toMatchObject({ group: "total", requests: 4, attempts: 5, costNanoUsd: 2 * COST! });
  });

  test.each([
    { by: "model", groups: ["openai/gpt-5.1", "anthropic/claude"] },
    { by: "provider", groups: ["openai", "anthropic"] },
    { by: "day", groups: ["2025-01-01", "2025-01-02", "2025-01-03"] },
    { by: "team", groups: ["search", "ads", "-"] },
    { by: "organisation", groups: ["acme"] },
  ] as const)("by $by has the groups $groups", ({ by, groups }) => {
    using folder = temporaryFolder();
    expect(usageBy(ledgerWith(folder.path, MIXED), by).map(({ group }) => group)).toEqual([...groups]);
  });

  test("can be of a span and of one key", () => {
    using folder = temporaryFolder();
    const database = ledgerWith(folder.path, MIXED);
    expect(usageTotal(usageBy(database, "day", { sinceEpochMs: START + DAY, untilEpochMs: START + 2 * DAY })).requests).toBe(1);
    expect(usageTotal(usageBy(database, "day", { keyId: "key-of-bob" })).requests).toBe(1);
    expect(usageTotal(usageBy(database, "day", { keyId: "nobody" }))).toMatchObject({ group: "total", requests: 0 });
  });

  test("adds up to the same before and after old attempts were taken out, once or more often", () => {
    using folder = temporaryFolder();
    const database = ledgerWith(folder.path, MIXED);
    const all = (): unknown =>
      (["key", "model", "day", "team", "organisation", "provider"] satisfies UsageBy[]).map((by) => usageBy(database, by));
    const before = all();
    expect(compact(database, START + DAY)).toBe(2);
    expect(compact(database, START + DAY)).toBe(0);
    expect(all()).toEqual(before);
    expect(compact(database, START + 9 * DAY)).toBe(2);
    expect(all()).toEqual(before);
  });

  test("of what was taken out goes on where more of the same day follows", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ day: fc.nat(3), cost: fc.nat(1_000) }), { maxLength: 20 }), fc.nat(4), (list, cut) => {
        using folder = temporaryFolder();
        const entries = list.map(
          ({ day, cost }, at): Entry => [{ requestId: `${at}`, startedEpochMs: START + day * DAY }, { costNanoUsd: cost }],
        );
        const database = ledgerWith(folder.path, entries);
        const before = usageTotal(usageBy(database, "key"));
        compact(database, START + cut * DAY);
        compact(database, START + 9 * DAY);
        expect(usageTotal(usageBy(database, "key"))).toEqual(before);
        database.sqlite.close();
      }),
      { numRuns: 20 },
    );
  });
});

test("what was spent counts what is open at what was set aside, and what was taken out as well", () => {
  using folder = temporaryFolder();
  const database = ledgerWith(folder.path, MIXED);
  const spent = (): unknown => [
    spentBy(database, { per: "all", sinceEpochMs: 0 }),
    Object.fromEntries(spentBy(database, { per: "team", sinceEpochMs: 0 }).map(({ subject, nanoUsd }) => [subject, nanoUsd])),
  ];
  const expected = [[{ subject: "", nanoUsd: 2 * COST! + 5_000 }], { search: COST! + 5_000, ads: COST }];
  expect(spent()).toEqual(expected);
  compact(database, START + 9 * DAY);
  expect(spent()).toEqual(expected);
  expect(spentBy(database, { per: "key", sinceEpochMs: START + 2 * DAY })).toEqual([{ subject: "key-of-alice", nanoUsd: 5_000 }]);
});

test("what was spent before a process began is that of the rule's period and of those that it is for", async () => {
  using folder = temporaryFolder();
  const database = ledgerWith(folder.path, MIXED);
  const rule = (more: object) => ({ name: "r", per: "all", period: "day", limitNanoUsd: 1, ...more }) as BudgetRule;
  const before = (more: object, epochMs = START + DAY) => spentBefore([rule(more)], epochMs, async (query) => spentBy(database, query));
  expect(await before({})).toEqual([{ rule: "r", subject: "", nanoUsd: COST! + 5_000 }]);
  expect(await before({ period: "month" })).toEqual([{ rule: "r", subject: "", nanoUsd: 2 * COST! + 5_000 }]);
  expect(await before({ for: { keys: ["bob"] } })).toEqual([{ rule: "r", subject: "", nanoUsd: COST! }]);
  expect(await before({ for: { teams: ["nobody"] } })).toEqual([]);
});

describe("an audit", () => {
  const audit = (database: LedgerDatabase, isAlive = true) => verify(database, () => isAlive);

  test("adds up where all is well", () => {
    using folder = temporaryFolder();
    expect(audit(ledgerWith(folder.path, MIXED))).toMatchObject({
      attempts: 5,
      reckoned: 2,
      costNanoUsd: 2 * COST!,
      costNanoUsdReckoned: 2 * COST!,
      unpriced: 1,
      discrepancies: [],
    });
  });

  test.each([
    {
      claim: "a cost that was changed",
      change: "UPDATE attempts SET cost_nano_usd = cost_nano_usd + 1 WHERE request_id = 'b'",
      what: "cost",
    },
    { claim: "tokens that were changed", change: "UPDATE attempts SET output_tokens = 31 WHERE request_id = 'b'", what: "cost" },
    { claim: "a row that was taken out", change: "DELETE FROM attempts WHERE request_id = 'a' AND attempt = 1", what: "gap" },
    { claim: "rates that were changed", change: "UPDATE prices SET rates = replace(rates, '1000000', '1000001')", what: "price" },
    { claim: "rates that are gone", change: "DELETE FROM prices", what: "price" },
    {
      claim: "a cost without anything that was used",
      change: "UPDATE attempts SET input_tokens = NULL WHERE request_id = 'b'",
      what: "usage",
    },
    { claim: "a cost of nothing", change: "UPDATE attempts SET cost_nano_usd = 5 WHERE state = 'zero'", what: "cost" },
    { claim: "a usage that can not be", change: "UPDATE attempts SET input_tokens = -5 WHERE request_id = 'b'", what: "usage" },
  ])("finds $claim", ({ change, what }) => {
    using folder = temporaryFolder();
    const database = ledgerWith(folder.path, MIXED);
    database.sqlite.run(change);
    expect(audit(database).discrepancies.map((each) => each.what)).toContain(what as never);
  });

  test("finds what nobody will ever end", () => {
    using folder = temporaryFolder();
    expect(audit(ledgerWith(folder.path, MIXED), false).discrepancies).toMatchObject([{ what: "open" }]);
  });
});
