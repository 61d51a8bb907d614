import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Budgets } from "../../src/policies/budget.ts";
import { ConcurrencyLimits } from "../../src/policies/concurrency.ts";
import { RateLimits } from "../../src/policies/rate-limit.ts";
import { SharedCounts } from "../../src/policies/shared-counts.ts";
import { SharedMemory } from "../../src/world/shared-memory.ts";
import { at, caller, exchange, outcome, thrown } from "./exchange.ts";

const SEATS = 3;
const made: SharedMemory[] = [];
afterAll(() => {
  for (const memory of made) memory.close();
});

function memoryFor(seats: number): SharedMemory {
  const memory = SharedMemory.create(`omni-test-${process.pid}-${made.length}`, SharedCounts.bytesFor(seats));
  made.push(memory);
  new SharedCounts(memory.bytes, seats, 0, 0).seed(() => 0x5eed + made.length);
  return memory;
}

function countsIn(memory: SharedMemory, seat: number, clockOffsetMs = 0): SharedCounts {
  return new SharedCounts(memory.bytes, SEATS, seat, clockOffsetMs);
}

async function child(memory: SharedMemory, seat: number, ...rest: string[]): Promise<{ taken: number; paid: number }> {
  const run = Bun.spawn([
    process.execPath,
    join(import.meta.dir, "shared-counts-child.ts"),
    memory.path,
    String(SEATS),
    String(seat),
    ...rest,
  ]);
  return JSON.parse(await new Response(run.stdout).text());
}

describe("SharedCounts", () => {
  test("counts exactly with two processes at once: not one request or dollar too much, and none too little", async () => {
    const memory = memoryFor(SEATS);
    const ends = await Promise.all([child(memory, 1, "4", "20000"), child(memory, 2, "4", "20000")]);
    const sum = (name: "taken" | "paid"): number => ends.reduce((all, end) => all + end[name], 0);
    expect(sum("taken")).toBe(4 * 500);
    expect(sum("paid")).toBe(4 * 300);
    const places = new ConcurrencyLimits([{ name: "c", per: "all", limit: 7 }], undefined, undefined, countsIn(memory, 0));
    for (let count = 0; count < 7; count++) places.admit(exchange());
    expect(thrown(() => places.admit(exchange()))).toMatchObject({ kind: "rate_limited" });
  }, 60_000);

  test("a process that is killed over the lock holds nobody up, and what it held is given back; money counts as spent", async () => {
    const memory = memoryFor(SEATS);
    await child(memory, 1, "1", "10", "die");
    const counts = countsIn(memory, 0);
    const places = new ConcurrencyLimits([{ name: "c", per: "all", limit: 4 }], undefined, undefined, counts);
    places.admit(exchange());
    expect(thrown(() => places.admit(exchange()))).toMatchObject({ kind: "rate_limited" });
    const budgets = new Budgets([{ name: "b", per: "key", period: "day", limitNanoUsd: 300_000 }], [], 0, undefined, undefined, counts);
    const { epochMs } = at(1_000);
    expect(budgets.standing("b", "id-of-last", epochMs)).toEqual({ spentNanoUsd: 0, reservedNanoUsd: 200_000 });
    counts.release(1);
    places.admit(exchange());
    expect(budgets.standing("b", "id-of-last", epochMs)).toEqual({ spentNanoUsd: 200_000, reservedNanoUsd: 0 });
    counts.release(1);
    expect(budgets.standing("b", "id-of-last", epochMs)).toEqual({ spentNanoUsd: 200_000, reservedNanoUsd: 0 });
  }, 60_000);

  test("reckons with each process's clock as its offset says", () => {
    const memory = memoryFor(SEATS);
    const limit = { name: "r", per: "key", counts: "requests", limit: 1, windowMs: 1_000 } as const;
    const older = new RateLimits([limit], undefined, undefined, countsIn(memory, 0));
    const younger = new RateLimits([limit], undefined, undefined, countsIn(memory, 1, 50_000));
    older.admit(exchange(), at(50_200));
    expect(thrown(() => younger.admit(exchange(), at(300)))).toMatchObject({ retryAfterMs: 900 });
    expect(thrown(() => younger.admit(exchange(), at(1_200)))).toBeUndefined();
  });

  test("behaves as a process that counts alone does, whatever comes", () => {
    const memory = memoryFor(SEATS);
    const rule = { name: "t", per: "key", counts: "tokens", limit: 1_000, windowMs: 10_000 } as const;
    const alone = new RateLimits([rule]);
    const together = [0, 1, 2].map((seat) => new RateLimits([rule], undefined, undefined, countsIn(memory, seat)));
    let state = 7;
    const chance = (below: number): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state % below;
    };
    let nowMs = 0;
    for (let turn = 0; turn < 3_000; turn++) {
      nowMs += chance(60);
      const one = (): ReturnType<typeof exchange> =>
        exchange({ caller: caller(`k${turn % 5}`), estimate: { tokens: 1 + (turn % 90), costNanoUsdMax: 0 } });
      const [left, right] = [one(), one()];
      const seat = together[chance(3)];
      let holds: unknown[] = [];
      const faults = [thrown(() => holds.push(alone.admit(left, at(nowMs)))), thrown(() => holds.push(seat?.admit(right, at(nowMs))))];
      expect(String(faults[1])).toBe(String(faults[0]));
      expect(right.answerHeaders).toEqual(left.answerHeaders);
      const usage = undefined;
      for (const hold of holds as ReturnType<RateLimits["admit"]>[])
        hold?.settle(outcome({ usage, costNanoUsd: turn % 3 === 0 ? 0 : 1 }), at(nowMs));
      holds = [];
    }
  });

  test("forgets those with the least debt when it is full, and no budget", () => {
    const memory = memoryFor(SEATS);
    const counts = countsIn(memory, 0);
    const rates = new RateLimits([{ name: "r", per: "key", counts: "requests", limit: 2, windowMs: 60_000 }], undefined, undefined, counts);
    const budgets = new Budgets([{ name: "b", per: "key", period: "total", limitNanoUsd: 5_000 }], [], 0, undefined, undefined, counts);
    const debtor = exchange({ caller: caller("debtor") });
    rates.admit(debtor, at(0));
    rates.admit(debtor, at(0));
    for (let count = 0; count < 200_000; count++) rates.admit(exchange({ caller: caller(`k${count}`) }), at(0));
    expect(thrown(() => rates.admit(debtor, at(0)))).toMatchObject({ kind: "rate_limited" });
    for (let count = 0; count < 8_000; count++)
      budgets.admit(exchange({ caller: caller(`k${count}`) }), at(0))?.settle(outcome({ costNanoUsd: count }), at(0));
    for (let count = 0; count < 8_000; count++)
      expect(budgets.standing("b", `id-of-k${count}`, 0)).toEqual({ spentNanoUsd: count, reservedNanoUsd: 0 });
  });
});
