import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type BudgetRule, Budgets, periodEnd, periodStart } from "../../src/policies/budget.ts";
import type { Hold } from "../../src/policies/policy.ts";
import { at, caller, exchange, outcome, thrown } from "./exchange.ts";

const EPOCH = Date.UTC(2025, 0, 1);
const rule = (more: Partial<BudgetRule> = {}): BudgetRule => ({ name: "b", per: "key", period: "day", limitNanoUsd: 30_000, ...more });
const costing = (costNanoUsdMax: number | undefined, more = {}) => exchange({ estimate: { tokens: 1, costNanoUsdMax }, ...more });

describe("Budgets", () => {
  test("a thousand at once against a budget for thirty spend no more than thirty", async () => {
    const budgets = new Budgets([rule()], [], EPOCH);
    let served = 0;
    const one = async (number: number): Promise<void> => {
      await Promise.resolve();
      const hold = budgets.admit(costing(1_000), at(number));
      for (let turn = 0; turn < number % 7; turn++) await Promise.resolve();
      served++;
      hold?.settle(outcome({ costNanoUsd: 1_000 }), at(number));
    };
    const ends = await Promise.allSettled(Array.from({ length: 1_000 }, (_, number) => one(number)));
    expect(served).toBe(30);
    expect(ends.filter(({ status }) => status === "rejected").length).toBe(970);
    expect(budgets.standing("b", "id-of-alice", EPOCH)).toEqual({ spentNanoUsd: 30_000, reservedNanoUsd: 0 });
  });

  test("says 402 and when the next period begins", () => {
    const budgets = new Budgets([rule()], [], EPOCH);
    budgets.admit(costing(30_000), at(0))?.settle(outcome({ costNanoUsd: 30_000 }), at(0));
    expect(thrown(() => budgets.admit(costing(1), at(1_000)))).toMatchObject({
      kind: "budget_exceeded",
      status: 402,
      retryAfterMs: 86_399_000,
    });
    expect(thrown(() => budgets.admit(costing(1), at(86_400_000)))).toBeUndefined();
  });

  test("gives back what was set aside and not needed", () => {
    const budgets = new Budgets([rule()], [], EPOCH);
    const hold = budgets.admit(costing(30_000), at(0));
    expect(thrown(() => budgets.admit(costing(1), at(0)))).toMatchObject({ retryAfterMs: 1_000 });
    hold?.settle(outcome({ costNanoUsd: 10 }), at(0));
    expect(thrown(() => budgets.admit(costing(29_990), at(0)))).toBeUndefined();
  });

  test("counts what nobody knows as all that was set aside", () => {
    const budgets = new Budgets([rule()], [], EPOCH);
    budgets.admit(costing(20_000), at(0))?.settle(outcome({ costNanoUsd: undefined, failure: "upstream_reset" }), at(0));
    expect(budgets.standing("b", "id-of-alice", EPOCH).spentNanoUsd).toBe(20_000);
  });

  test("lets nothing through whose price nobody knows, unless the budget only warns", () => {
    expect(thrown(() => new Budgets([rule()], [], EPOCH).admit(costing(undefined), at(0)))).toMatchObject({ kind: "budget_exceeded" });
    expect(thrown(() => new Budgets([rule({ soft: true })], [], EPOCH).admit(costing(undefined), at(0)))).toBeUndefined();
  });

  test("ends a lease that nobody settles, and does not give it back twice when somebody does", () => {
    const budgets = new Budgets([rule()], [], EPOCH);
    const late = budgets.admit(costing(30_000, { deadlineMs: 1_000 }), at(0));
    expect(thrown(() => budgets.admit(costing(1), at(60_999)))).toMatchObject({ kind: "budget_exceeded" });
    const next = budgets.admit(costing(10_000), at(61_000));
    late?.settle(outcome({ costNanoUsd: 5_000 }), at(62_000));
    late?.settle(outcome({ costNanoUsd: 5_000 }), at(62_000));
    expect(budgets.standing("b", "id-of-alice", EPOCH)).toEqual({ spentNanoUsd: 5_000, reservedNanoUsd: 10_000 });
    next?.settle(outcome({ costNanoUsd: 0 }), at(62_000));
    expect(budgets.standing("b", "id-of-alice", EPOCH).reservedNanoUsd).toBe(0);
  });

  test("of a soft one only warns: by a header, and once per share", () => {
    const notes: number[] = [];
    const budgets = new Budgets([rule({ soft: true })], [], EPOCH, ({ share }) => notes.push(share));
    for (let count = 0; count < 4; count++) budgets.admit(costing(10_000), at(0))?.settle(outcome({ costNanoUsd: 10_000 }), at(0));
    const seen = costing(10_000);
    budgets.admit(seen, at(0));
    expect([seen.answerHeaders, notes]).toEqual([{ "x-omni-budget-warning": "b" }, [0.5, 0.8, 1]]);
  });

  test("takes nothing by any rule when one refuses", () => {
    const budgets = new Budgets([rule({ name: "all", per: "all", limitNanoUsd: 100_000 }), rule()], [], EPOCH);
    budgets.admit(costing(30_000), at(0));
    thrown(() => budgets.admit(costing(30_000), at(0)));
    expect(budgets.standing("all", "", EPOCH).reservedNanoUsd).toBe(30_000);
  });

  test("remembers what was spent before the process began, and nothing of a rule that is gone", () => {
    const spent = [
      { rule: "b", subject: "id-of-alice", nanoUsd: 29_000 },
      { rule: "gone", subject: "id-of-alice", nanoUsd: 1_000_000 },
    ];
    const budgets = new Budgets([rule()], spent, EPOCH);
    expect(thrown(() => budgets.admit(costing(1_001), at(0)))).toMatchObject({ kind: "budget_exceeded" });
    expect(thrown(() => budgets.admit(costing(1_001, { caller: caller("bob") }), at(0)))).toBeUndefined();
  });

  test("keeps its accounts under another plan, also for exchanges that began under the one before", () => {
    const before = new Budgets([rule()], [], EPOCH);
    const hold = before.admit(costing(20_000), at(0));
    const after = new Budgets([rule({ limitNanoUsd: 40_000 })], [], EPOCH, undefined, before);
    expect(thrown(() => after.admit(costing(20_001), at(0)))).toMatchObject({ kind: "budget_exceeded" });
    hold?.settle(outcome({ costNanoUsd: 15_000 }), at(0));
    expect(after.standing("b", "id-of-alice", EPOCH)).toEqual({ spentNanoUsd: 15_000, reservedNanoUsd: 0 });
  });

  test("never promises more than there is, whatever comes in what order", () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant("admit" as const), most: fc.integer({ min: 1, max: 12_000 }) }),
      fc.record({ type: fc.constant("settle" as const), which: fc.nat(50), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ type: fc.constant("wait" as const), ms: fc.nat(900_000) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const budgets = new Budgets([rule({ period: "total" })], [], EPOCH);
        const holds: { hold: Hold; most: number; untilMs: number }[] = [];
        let [nowMs, spent] = [0, 0];
        for (const each of steps) {
          if (each.type === "wait") nowMs += each.ms;
          else if (each.type === "admit") {
            const admitted = thrown(() => {
              const hold = budgets.admit(costing(each.most, { deadlineMs: 300_000 }), at(nowMs));
              if (hold !== undefined) holds.push({ hold, most: each.most, untilMs: nowMs + 360_000 });
            });
            const held = holds.filter(({ untilMs }) => untilMs > nowMs).reduce((sum, { most }) => sum + most, 0);
            // What was let in fits, and what was not would not have.
            if (admitted === undefined) expect(spent + held).toBeLessThanOrEqual(30_000);
            else expect(spent + held + each.most).toBeGreaterThan(30_000);
          } else {
            const [found] = holds.splice(each.which % Math.max(1, holds.length), 1);
            if (found === undefined) continue;
            // A lease that ran out may settle beyond what there is; here none does.
            const cost = found.untilMs > nowMs ? Math.floor(found.most * each.share) : 0;
            found.hold.settle(outcome({ costNanoUsd: cost }), at(nowMs));
            spent += cost;
          }
        }
        expect(budgets.standing("b", "id-of-alice", EPOCH).spentNanoUsd).toBe(spent);
      }),
      { numRuns: 200 },
    );
  });
});

test.each([
  { period: "day", moment: "2025-03-31T23:59:59.999Z", start: "2025-03-31T00:00:00.000Z", end: "2025-04-01T00:00:00.000Z" },
  { period: "week", moment: "2025-03-02T12:00:00.000Z", start: "2025-02-24T00:00:00.000Z", end: "2025-03-03T00:00:00.000Z" },
  { period: "week", moment: "2025-03-03T00:00:00.000Z", start: "2025-03-03T00:00:00.000Z", end: "2025-03-10T00:00:00.000Z" },
  { period: "month", moment: "2024-02-29T10:00:00.000Z", start: "2024-02-01T00:00:00.000Z", end: "2024-03-01T00:00:00.000Z" },
  { period: "month", moment: "2024-12-31T10:00:00.000Z", start: "2024-12-01T00:00:00.000Z", end: "2025-01-01T00:00:00.000Z" },
] as const)("the $period of $moment begins at $start", ({ period, moment, start, end }) => {
  expect(new Date(periodStart(period, Date.parse(moment))).toISOString()).toBe(start);
  expect(new Date(periodEnd(period, Date.parse(moment))).toISOString()).toBe(end);
});
