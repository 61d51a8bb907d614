import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Hedge } from "../../src/resilience/hedge.ts";
import { LatencyQuantile } from "../../src/resilience/latency-quantile.ts";

describe("LatencyQuantile", () => {
  test("is never off by more than a tenth, whatever was observed", () => {
    const times = fc.array(fc.double({ min: 1, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(times, fc.double({ min: 0.01, max: 1, noNaN: true }), (observed, part) => {
        const quantile = new LatencyQuantile();
        for (const ms of observed) quantile.observe(ms);
        const sorted = [...observed].sort((a, b) => a - b);
        const exact = sorted[Math.ceil(part * sorted.length - 1e-9) - 1]!; // There is one at least.
        const found = quantile.at(part);
        return found >= exact * 0.999999 && found <= exact * 1.100001;
      }),
    );
  });

  test("forgets: after a change what is new counts more than what is old", () => {
    const quantile = new LatencyQuantile();
    for (let at = 0; at < 5_000; at++) quantile.observe(1_000);
    for (let at = 0; at < 2_000; at++) quantile.observe(10);
    expect(quantile.at(0.5)).toBeLessThan(12);
  });

  test("knows nothing without observations", () => {
    expect(new LatencyQuantile().at(0.95)).toBe(0);
  });
});

describe("Hedge", () => {
  test("waits as long as 95 % took, once it has seen twenty", () => {
    const hedge = new Hedge({ afterMs: undefined, share: 0.05 });
    for (let at = 0; at < 19; at++) hedge.observed(100);
    expect(hedge.delayMs).toBeUndefined();
    hedge.observed(5_000);
    expect(hedge.delayMs).toBeWithin(100, 111);
  });

  test("waits as long as it is told", () => {
    expect(new Hedge({ afterMs: 70, share: 0.05 }).delayMs).toBe(70);
  });

  test("never makes more second attempts than their share, whenever they are wanted and whatever they cost", () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.double({ min: 1, max: 5, noNaN: true })), { maxLength: 500 });
    fc.assert(
      fc.property(steps, fc.double({ min: 0.01, max: 1, noNaN: true }), (wanted, share) => {
        const hedge = new Hedge({ afterMs: 1, share });
        let asked = 0;
        let spent = 0;
        return wanted.every(([isWanted, cost]) => {
          hedge.asked();
          asked++;
          if (isWanted && hedge.take(cost)) spent += cost;
          return spent <= share * asked + 1e-6;
        });
      }),
    );
  });

  test("makes them when it may: one of twenty by default", () => {
    const hedge = new Hedge({ afterMs: 1, share: 0.05 });
    let taken = 0;
    for (let at = 0; at < 1_000; at++) {
      hedge.asked();
      if (hedge.take(1)) taken++;
    }
    expect(taken).toBe(50);
  });

  test("goes on from what it knew", () => {
    const before = new Hedge({ afterMs: undefined, share: 0.5 });
    for (let at = 0; at < 40; at++) {
      before.observed(100);
      before.asked();
    }
    const after = new Hedge({ afterMs: undefined, share: 0.05 }, before);
    expect(after.delayMs).toBeWithin(100, 111);
    expect(after.take(10)).toBe(true);
    expect(after.take(1)).toBe(false);
  });
});
