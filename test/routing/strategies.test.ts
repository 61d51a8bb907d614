import { describe, expect, test } from "bun:test";
import { basename, join } from "node:path";
import { Glob } from "bun";
import fc from "fast-check";
import { NO_FACTS, type RequestFacts } from "../../src/routing/request-facts.ts";
import { AUTO_WEIGHTS } from "../../src/routing/strategies/auto.ts";
import { STRATEGIES } from "../../src/routing/strategies/index.ts";
import type { Choosing, Draw, Strategy } from "../../src/routing/strategies/strategy.ts";

/** What is known of one child's target. */
interface Child {
  readonly weight?: number;
  readonly open?: boolean;
  readonly inFlight?: number;
  readonly latencyMs?: number;
  readonly headroom?: number;
  readonly share?: number;
  readonly inputPrice?: number;
}

/** One group with these children, and other groups before and behind it that are not to be touched. Targets have other numbers than places. */
function groupOf(children: readonly Child[], draw: Partial<Draw> = {}, facts: Partial<RequestFacts> = {}): Choosing {
  const count = children.length;
  const column = [1000, ...children.map(({ weight = 1 }) => weight), 1000];
  const ofTarget = (target: number): Child => children[count + 6 - target]!;
  const byTarget = (read: (child: Child) => number): Float64Array =>
    Float64Array.from({ length: count + 7 }, (_, target) => (target > 6 ? read(ofTarget(target)) : 0));
  return {
    group: 1,
    count,
    choices: {
      target: Int32Array.of(-1, -1, -1),
      strategy: Int8Array.of(0, 0, 0),
      childStart: Int32Array.of(0, 1, 1 + count, 2 + count),
      children: Int32Array.from(column, (_, at) => at),
      weight: Float64Array.from(column),
      condition: Int32Array.from(column, () => -1),
      conditions: [],
      key: Uint32Array.from(column, (_, at) => Number(Bun.hash.wyhash(`child ${at}`) & 0xffffffffn)),
    },
    // What lies behind the last child is left over from other groups, and open.
    candidates: Int32Array.from([...children.map(({ open = true }, at) => (open ? count + 6 - at : -1)), 1, 1]),
    health: {
      allows: () => true,
      waitMs: () => 0,
      isBroken: () => false,
      inFlight: (target) => ofTarget(target).inFlight ?? 0,
      share: (target) => ofTarget(target).share ?? 1,
      latencyMs: (target) => ofTarget(target).latencyMs ?? 0,
      headroom: (target) => ofTarget(target).headroom ?? 1,
    },
    models: {
      inputPrice: byTarget(({ inputPrice = Number.NaN }) => inputPrice),
      outputPrice: byTarget(({ inputPrice = Number.NaN }) => inputPrice * 4),
      contextTokens: byTarget(() => Number.POSITIVE_INFINITY),
      lacks: new Uint32Array(count + 7),
    },
    facts: { ...NO_FACTS, ...facts },
    nowMs: 0,
    draw: { chance: 0, turn: 0, ...draw },
  };
}

const strategyNamed = (name: string): Strategy => STRATEGIES.find((strategy) => strategy.name === name)!;

/** How often each child is picked in so many evenly spread draws, turns and affinities. */
function countsOf(name: string, children: readonly Child[], times = 10_000): number[] {
  const counts = children.map(() => 0);
  for (let turn = 0; turn < times; turn++) {
    const affinity = Number(Bun.hash.wyhash(`session ${turn}`) & 0xffffffffn);
    counts[strategyNamed(name).pick(groupOf(children, { chance: (turn + 0.5) / times, turn }, { affinity, inputTokens: 1000 }))]!++;
  }
  return counts;
}

const weights = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 100 }), fc.double({ min: 1e-9, max: 1e9, noNaN: true }));
const chance = fc.oneof(fc.constantFrom(0, 0.5, 1 - Number.EPSILON / 2, 1), fc.double({ min: 0, max: 1, noNaN: true }));
const few = fc.constantFrom(0, 0, 1, 2);
const part = fc.constantFrom(0, 0.1, 0.5, 1, 1);
const child: fc.Arbitrary<Child> = fc.record({
  weight: weights,
  open: fc.boolean(),
  inFlight: few,
  latencyMs: fc.constantFrom(0, 0, 10, 500.5),
  headroom: part,
  share: part,
  inputPrice: fc.constantFrom(Number.NaN, 0, 0.25, 15),
});
const facts = fc.record({ affinity: fc.nat(2 ** 32 - 1), inputTokens: fc.nat(1e6), outputTokensMax: fc.constantFrom(undefined, 0, 9e9) });
const cases = fc.tuple(fc.array(child, { minLength: 1, maxLength: 50 }), fc.record({ chance, turn: fc.nat() }), facts);

test("STRATEGIES holds every strategy that there is a file of", () => {
  const folder = join(import.meta.dir, "../../src/routing/strategies");
  const files = [...new Glob("*.ts").scanSync(folder)].map((file) => basename(file, ".ts"));
  const names: string[] = STRATEGIES.map(({ name }) => name);
  expect(files.filter((file) => file !== "index" && file !== "strategy").sort()).toEqual(names.sort());
});

describe.each(STRATEGIES.map((strategy) => [strategy.name, strategy] as const))("%s", (_, strategy) => {
  test("picks an open child whenever there is one, and else none", () => {
    fc.assert(
      fc.property(cases, ([children, draw, asked]) => {
        const picked = strategy.pick(groupOf(children, draw, asked));
        if (children.some(({ open }) => open)) expect(children[picked]?.open).toBe(true);
        else expect(picked).toBe(-1);
      }),
    );
  });

  test("leaves a draw from 0 to 1, and a whole turn, to what lies below", () => {
    fc.assert(
      fc.property(cases, ([children, draw, asked]) => {
        const group = groupOf(children, draw, asked);
        strategy.pick(group);
        expect(group.draw.chance).toBeWithin(0, 1 + Number.EPSILON);
        expect(group.draw.turn).toSatisfy((turn: number) => Number.isSafeInteger(turn) && turn >= 0 && turn <= draw.turn);
      }),
    );
  });

  test("decides the same on the same, and changes nothing but the draw", () => {
    fc.assert(
      fc.property(cases, ([children, draw, asked]) => {
        const [once, twice, untouched] = [groupOf(children, draw, asked), groupOf(children, draw, asked), groupOf(children, draw, asked)];
        expect(strategy.pick(once)).toBe(strategy.pick(twice));
        const { draw: left, health: _, facts: __, models, ...rest } = once;
        const { draw: before, health: ___, facts: ____, models: unchanged, ...whole } = untouched;
        for (const [at, price] of unchanged.inputPrice.entries()) expect(models.inputPrice[at]).toBe(price);
        expect(left).toEqual(twice.draw);
        expect(rest).toEqual(whole);
        expect(once.facts.affinity).toBe(untouched.facts.affinity);
        expect(before).toEqual(draw);
      }),
    );
  });

  test("what it leaves of the draw is as evenly spread as a fresh one, whichever child it picked", () => {
    const children = [{ weight: 1 }, { weight: 2 }, { weight: 3, open: false }, { weight: 4 }];
    const tenths = new Map<number, number[]>();
    for (let at = 0; at < 40_000; at++) {
      const group = groupOf(children, { chance: (at + 0.5) / 40_000 });
      const picked = strategy.pick(group);
      const counts = tenths.get(picked) ?? new Array<number>(10).fill(0);
      counts[Math.floor(group.draw.chance * 10)]!++;
      tenths.set(picked, counts);
    }
    // A child that several parts of the draw lead to is off by two for each.
    for (const counts of tenths.values()) expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(8);
  });

  test("says how it shares out what it gets, and does so while nothing else is known", () => {
    const children = [{ weight: 1 }, { weight: 2 }, { weight: 4 }, { weight: 3 }];
    const shares = strategy.shares(children.map(({ weight }) => weight));
    const counts = countsOf(strategy.name, children);
    for (const [at, share] of shares.entries()) expect(counts[at]! / 10_000).toBeCloseTo(share, 1);
  });
});

describe("each strategy alone", () => {
  test.each<{ claim: string; name: string; children: readonly Child[]; shares: readonly number[] }>([
    {
      claim: "round-robin goes round those that are open",
      name: "round-robin",
      children: [{}, { open: false }, {}],
      shares: [0.5, 0, 0.5],
    },
    { claim: "random minds no weights", name: "random", children: [{ weight: 9 }, {}], shares: [0.5, 0.5] },
    { claim: "least-busy takes the idle one", name: "least-busy", children: [{ inFlight: 2 }, { inFlight: 1 }], shares: [0, 1] },
    {
      claim: "least-busy spreads over equals",
      name: "least-busy",
      children: [{ inFlight: 1 }, { inFlight: 2 }, { inFlight: 1 }],
      shares: [0.5, 0, 0.5],
    },
    { claim: "lowest-latency takes the quickest", name: "lowest-latency", children: [{ latencyMs: 9 }, { latencyMs: 8 }], shares: [0, 1] },
    { claim: "lowest-latency gets to know the unknown", name: "lowest-latency", children: [{ latencyMs: 1 }, {}], shares: [0, 1] },
    { claim: "lowest-cost takes the cheapest", name: "lowest-cost", children: [{ inputPrice: 2 }, { inputPrice: 1 }], shares: [0, 1] },
    { claim: "lowest-cost puts unknown prices last", name: "lowest-cost", children: [{}, { inputPrice: 100 }], shares: [0, 1] },
    {
      claim: "lowest-cost keeps the order of equals",
      name: "lowest-cost",
      children: [{ inputPrice: 1 }, { inputPrice: 1 }],
      shares: [1, 0],
    },
    { claim: "headroom takes who has the most left", name: "headroom", children: [{ headroom: 0.2 }, { headroom: 0.3 }], shares: [0, 1] },
    { claim: "p2c never takes the worst of three", name: "p2c", children: [{ inFlight: 5 }, {}, {}], shares: [0, 0.5, 0.5] },
    {
      claim: "p2c weighs latency by load",
      name: "p2c",
      children: [
        { latencyMs: 10, inFlight: 9 },
        { latencyMs: 40, inFlight: 1 },
      ],
      shares: [0, 1],
    },
    { claim: "p2c minds what is left of the limit", name: "p2c", children: [{ headroom: 0.1 }, { headroom: 1 }], shares: [0, 1] },
    { claim: "p2c does not hold it against the unknown", name: "p2c", children: [{ latencyMs: 10, inFlight: 1 }, {}], shares: [0, 1] },
    { claim: "sticky spreads sessions by weight", name: "sticky", children: [{ weight: 1 }, { weight: 3 }], shares: [0.25, 0.75] },
    { claim: "auto leaves who comes back from being out", name: "auto", children: [{ share: 0.1 }, {}], shares: [0, 1] },
    {
      claim: "auto weighs a price of a quarter against three quarters of a limit",
      name: "auto",
      children: [
        { inputPrice: 1, headroom: 1 },
        { inputPrice: 0.5, headroom: 0.25 },
      ],
      shares: [1, 0],
    },
    {
      claim: "auto takes the cheap one of equals",
      name: "auto",
      children: [
        { inputPrice: 1, latencyMs: 100 },
        { inputPrice: 0.1, latencyMs: 100 },
      ],
      shares: [0, 1],
    },
    { claim: "auto takes the quick one of equals", name: "auto", children: [{ latencyMs: 100 }, { latencyMs: 10 }], shares: [0, 1] },
  ])("$claim", ({ name, children, shares }) => {
    const counts = countsOf(name, children);
    for (const [at, share] of shares.entries()) expect(counts[at]! / 10_000).toBeCloseTo(share, 1);
  });

  test("round-robin is fair to the very request, and nested circles turn like the wheels of a counter", () => {
    const below: number[][] = [];
    for (let turn = 0; turn < 6; turn++) {
      const group = groupOf([{}, {}, {}], { turn });
      below.push([strategyNamed("round-robin").pick(group), group.draw.turn]);
    }
    expect(below).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
  });

  test("the weights of auto's score are all there is", () => {
    expect(Object.values(AUTO_WEIGHTS).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
  });

  test("when a child of a sticky group is out, only its own sessions move, and they come back", () => {
    const pick = (affinity: number, out: number): number =>
      strategyNamed("sticky").pick(
        groupOf(
          [0, 1, 2].map((at) => ({ open: at !== out })),
          {},
          { affinity },
        ),
      );
    const moved = [0, 0, 0];
    for (let session = 0; session < 3_000; session++) {
      const affinity = Number(Bun.hash.wyhash(`${session}`) & 0xffffffffn);
      const home = pick(affinity, -1);
      if (home !== 1) expect(pick(affinity, 1)).toBe(home);
      else moved[pick(affinity, 1)]!++;
      expect(pick(affinity, -1)).toBe(home);
    }
    expect(Math.min(moved[0]!, moved[2]!)).toBeGreaterThan(400);
  });

  test("cheap input is worth less where much is written", () => {
    // In `groupOf` output costs four times as much as input, so the order never changes there; here it does.
    const group = groupOf([{ inputPrice: 1 }, { inputPrice: 2 }], {}, { inputTokens: 10, outputTokensMax: 400 });
    group.models.outputPrice.set([1, 100], 7);
    expect(strategyNamed("lowest-cost").pick(group)).toBe(1);
    expect(strategyNamed("lowest-cost").pick({ ...group, facts: { ...group.facts, inputTokens: 1e6 } })).toBe(0);
  });
});

describe("weighted alone", () => {
  const shares = (each: readonly number[], open: readonly number[]): number[] => {
    const children = each.map((weight, at) => ({ weight, open: open[at] === 1 }));
    return countsOf("weighted", children).map((count) => count / 10_000);
  };

  test.each([
    { claim: "by weight", each: [1, 3], open: [1, 1], shares: [0.25, 0.75] },
    { claim: "weights are shares of what is left", each: [1, 3, 4], open: [1, 1, 0], shares: [0.25, 0.75, 0] },
    { claim: "wherever the gap is", each: [4, 1, 3], open: [0, 1, 1], shares: [0, 0.25, 0.75] },
    { claim: "one that is left gets all", each: [1, 1, 98], open: [0, 1, 0], shares: [0, 1, 0] },
    { claim: "fractions", each: [0.1, 0.1, 0.2], open: [1, 1, 1], shares: [0.25, 0.25, 0.5] },
  ])("$claim", ({ each, open, shares: expected }) => {
    for (const [at, share] of shares(each, open).entries()) expect(share).toBeCloseTo(expected[at]!, 3);
  });
});
