import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Gcra, type Rate } from "../../src/policies/gcra.ts";

/** The same rule in the plainest words: all that was taken is remembered, in exact fractions of a unit, and goes away at the rate. */
class PlainMeter {
  private readonly rate: Rate;
  private owed = 0n;
  private sinceMs = 0;

  constructor(rate: Rate) {
    this.rate = rate;
  }

  private debt(nowMs: number): bigint {
    const paid = BigInt(Math.max(0, nowMs - this.sinceMs)) * BigInt(this.rate.limit);
    return this.owed > paid ? this.owed - paid : 0n;
  }

  mayTake(amount: number, nowMs: number): boolean {
    const { limit, windowMs, burst = limit } = this.rate;
    return this.debt(nowMs) + BigInt(amount) * BigInt(windowMs) <= BigInt(burst) * BigInt(windowMs);
  }

  take(amount: number, nowMs: number): void {
    const debt = this.debt(nowMs) + BigInt(amount) * BigInt(this.rate.windowMs);
    this.owed = debt > 0n ? debt : 0n;
    this.sinceMs = Math.max(this.sinceMs, nowMs);
  }
}

const rates = fc.record({
  limit: fc.integer({ min: 1, max: 1_000 }),
  windowMs: fc.constantFrom(1_000, 60_000, 3_600_000, 86_400_000),
  burst: fc.integer({ min: 1, max: 1_000 }),
});

interface Model {
  readonly rate: Rate;
  readonly plain: Map<string, PlainMeter>;
  nowMs: number;
}

type Step = fc.Command<Model, Gcra>;

function plainOf(model: Model, subject: string): PlainMeter {
  const plain = model.plain.get(subject) ?? new PlainMeter(model.rate);
  model.plain.set(subject, plain);
  return plain;
}

function ask(subject: string, amount: number): Step {
  return {
    check: () => true,
    run(model, real) {
      const plain = plainOf(model, subject);
      const waitMs = real.waitMs(subject, amount, model.nowMs);
      expect(waitMs === 0).toBe(plain.mayTake(amount, model.nowMs));
      if (waitMs === Number.POSITIVE_INFINITY) return;
      // What is told is exact: then it may, a millisecond sooner it may not.
      expect(plain.mayTake(amount, model.nowMs + waitMs)).toBe(true);
      if (waitMs > 0) return expect(plain.mayTake(amount, model.nowMs + waitMs - 1)).toBe(false);
      real.take(subject, amount, model.nowMs);
      plain.take(amount, model.nowMs);
    },
    toString: () => `ask(${subject}, ${amount})`,
  };
}

function correct(subject: string, amount: number): Step {
  return {
    check: () => true,
    run(model, real) {
      real.take(subject, amount, model.nowMs);
      plainOf(model, subject).take(amount, model.nowMs);
    },
    toString: () => `correct(${subject}, ${amount})`,
  };
}

function wait(ms: number): Step {
  return {
    check: () => true,
    run(model) {
      model.nowMs += ms;
    },
    toString: () => `wait(${ms})`,
  };
}

describe("Gcra", () => {
  test("says at every step what the plain meter says", () => {
    const subject = fc.constantFrom("a", "b", "c");
    const commands = fc.commands(
      [
        fc.tuple(subject, fc.integer({ min: 1, max: 50 })).map(([who, amount]) => ask(who, amount)),
        fc.tuple(subject, fc.integer({ min: -50, max: 50 })).map(([who, amount]) => correct(who, amount)),
        fc.nat(100_000).map((ms) => wait(ms)),
      ],
      { maxCommands: 60 },
    );
    fc.assert(
      fc.property(rates, commands, (rate, steps) => {
        fc.modelRun(() => ({ model: { rate, plain: new Map(), nowMs: 0 } as Model, real: new Gcra(rate) }), steps);
      }),
      { numRuns: 200 },
    );
  });

  test("lets five of ten through where five are allowed", () => {
    const gcra = new Gcra({ limit: 5, windowMs: 1_000 });
    let through = 0;
    for (let count = 0; count < 10; count++) {
      if (gcra.waitMs("a", 1, 0) > 0) continue;
      gcra.take("a", 1, 0);
      through++;
    }
    expect([through, gcra.waitMs("a", 1, 0), gcra.waitMs("a", 1, 200), gcra.remaining("a", 400), gcra.resetMs("a", 0)]).toEqual([
      5, 200, 0, 2, 1_000,
    ]);
  });

  test("never lets through what is more than the whole burst, and says that it never will", () => {
    expect(new Gcra({ limit: 5, windowMs: 1_000 }).waitMs("a", 6, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  test("owes nobody anything when a clock goes back", () => {
    const gcra = new Gcra({ limit: 1, windowMs: 1_000 });
    gcra.take("a", 1, 5_000);
    expect(gcra.waitMs("a", 1, 4_000)).toBe(1_000);
  });

  test("remembers no more than it was told to, and forgets those first who owe nothing", () => {
    const gcra = new Gcra({ limit: 10, windowMs: 1_000 }, 8);
    for (let count = 0; count < 7; count++) gcra.take(`idle-${count}`, 1, 0);
    gcra.take("busy", 10, 0);
    for (let count = 0; count < 100; count++) gcra.take(`new-${count}`, 1, 150);
    expect(gcra.size).toBe(8);
    expect(gcra.remaining("busy", 150)).toBe(1);
  });
});
