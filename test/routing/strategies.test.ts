import { describe, expect, test } from "bun:test";
import { basename, join } from "node:path";
import { Glob } from "bun";
import fc from "fast-check";
import type { Choices } from "../../src/routing/plan.ts";
import { STRATEGIES } from "../../src/routing/strategies/index.ts";
import type { Draw } from "../../src/routing/strategies/strategy.ts";
import { weighted } from "../../src/routing/strategies/weighted.ts";

/** One group whose children have these weights, with other groups before and behind it that are not to be touched. */
function groupOf(weights: readonly number[]): { readonly choices: Choices; readonly group: number } {
  const column = [1000, ...weights, 1000];
  return {
    group: 1,
    choices: {
      target: Int32Array.of(-1, -1, -1),
      strategy: Int8Array.of(0, 0, 0),
      childStart: Int32Array.of(0, 1, 1 + weights.length, 2 + weights.length),
      children: Int32Array.from(column, (_, at) => at),
      weight: Float64Array.from(column),
      leafStart: new Int32Array(4),
      leaves: new Int32Array(0),
    },
  };
}

const weights = fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 100 }), fc.double({ min: 1e-9, max: 1e9, noNaN: true })), {
  minLength: 1,
  maxLength: 50,
});
const chance = fc.oneof(fc.constantFrom(0, 0.5, 1 - Number.EPSILON / 2, 1), fc.double({ min: 0, max: 1, noNaN: true }));
const cases = weights.chain((each) =>
  fc.tuple(fc.constant(each), fc.array(fc.nat(1), { minLength: each.length, maxLength: each.length }), chance),
);

test("STRATEGIES holds every strategy that there is a file of", () => {
  const folder = join(import.meta.dir, "../../src/routing/strategies");
  const files = [...new Glob("*.ts").scanSync(folder)].map((file) => basename(file, ".ts"));
  const names: string[] = STRATEGIES.map(({ name }) => name);
  expect(files.filter((file) => file !== "index" && file !== "strategy").sort()).toEqual(names.sort());
});

describe.each(STRATEGIES.map((strategy) => [strategy.name, strategy] as const))("%s", (_, strategy) => {
  test("picks an open child whenever there is one, and else none", () => {
    fc.assert(
      fc.property(cases, ([each, open, drawn]) => {
        const { choices, group } = groupOf(each);
        // What lies behind the last child is left over from other groups, and open.
        const picked = strategy.pick(choices, group, Uint8Array.from([...open, 1, 1]), { chance: drawn });
        if (open.includes(1)) expect(open[picked]).toBe(1);
        else expect(picked).toBe(-1);
      }),
    );
  });

  test("leaves a draw from 0 to 1 to what lies below", () => {
    fc.assert(
      fc.property(cases, ([each, open, drawn]) => {
        const { choices, group } = groupOf(each);
        const draw = { chance: drawn };
        strategy.pick(choices, group, Uint8Array.from(open), draw);
        expect(draw.chance).toBeWithin(0, 1 + Number.EPSILON);
      }),
    );
  });

  test("decides the same on the same, and changes nothing but the draw", () => {
    fc.assert(
      fc.property(cases, ([each, open, drawn]) => {
        const { choices, group } = groupOf(each);
        const before = structuredClone(choices);
        const opened = Uint8Array.from(open);
        const once: Draw = { chance: drawn };
        const twice: Draw = { chance: drawn };
        expect(strategy.pick(choices, group, opened, once)).toBe(strategy.pick(choices, group, opened, twice));
        expect(once).toEqual(twice);
        expect([choices, [...opened]]).toEqual([before, open]);
      }),
    );
  });

  test("what it leaves of the draw is as evenly spread as a fresh one, whichever child it picked", () => {
    const { choices, group } = groupOf([1, 2, 3, 4]);
    const tenths = new Map<number, number[]>();
    for (let at = 0; at < 40_000; at++) {
      const draw = { chance: (at + 0.5) / 40_000 };
      const picked = strategy.pick(choices, group, Uint8Array.of(1, 1, 0, 1), draw);
      const counts = tenths.get(picked) ?? new Array<number>(10).fill(0);
      counts[Math.floor(draw.chance * 10)]!++;
      tenths.set(picked, counts);
    }
    for (const counts of tenths.values()) expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
  });
});

describe("weighted alone", () => {
  const shares = (each: readonly number[], open: readonly number[]): number[] => {
    const { choices, group } = groupOf(each);
    const counts = each.map(() => 0);
    for (let at = 0; at < 10_000; at++) counts[weighted.pick(choices, group, Uint8Array.from(open), { chance: at / 10_000 })]!++;
    return counts.map((count) => count / 10_000);
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
