import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ComboData, ConfigData } from "../../src/config/data.ts";
import { HealthBook, lone } from "../../src/resilience/health.ts";
import { createTried, decide } from "../../src/routing/decide.ts";
import type { Plan, RouteId } from "../../src/routing/plan.ts";
import { waitMs } from "../../src/routing/wait.ts";
import { find, healthWithout, order, planOf } from "./compiled.ts";
import { sharesOf } from "./plain-router.ts";

const MODELS = ["m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7"];
const TARGETS = MODELS.map((model) => `own/${model}`);
const providers: ConfigData["providers"] = { own: { kind: "bare", models: { chat: MODELS } } };

/** Combos that refer to targets and to combos further down, so that nothing leads in a circle. */
const combos: fc.Arbitrary<Record<string, ComboData>> = fc
  .integer({ min: 1, max: 6 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, at) => comboAt(at, count))))
  .map((all) => Object.fromEntries(all.map((combo, at) => [`c${at}`, combo])));

function comboAt(at: number, count: number): fc.Arbitrary<ComboData> {
  const below = Array.from({ length: count - at - 1 }, (_, next) => `combo:c${at + 1 + next}`);
  const to = below.length === 0 ? fc.constantFrom(...TARGETS) : fc.oneof(fc.constantFrom(...TARGETS), fc.constantFrom(...below));
  const weight = fc.oneof(fc.integer({ min: 1, max: 10 }), fc.double({ min: 0.001, max: 1000, noNaN: true }));
  const item = fc.oneof(to, fc.record({ to, weight }), fc.record({ to }));
  return fc.record(
    { strategy: fc.constantFrom("fallback" as const, "weighted" as const), chat: fc.array(item, { minLength: 1, maxLength: 5 }) },
    { requiredKeys: ["chat"] },
  );
}

const some = fc.subarray(TARGETS);
const chance = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));

function pick(plan: Plan, name: string, out: readonly string[], triedNames: readonly string[], drawn: number): string | undefined {
  const tried = createTried();
  for (const { id, name: target } of plan.targets) if (triedNames.includes(target)) tried.add(id);
  return plan.targets[decide(plan, find(plan, name) as RouteId, healthWithout(plan, ...out), tried, 0, drawn)]?.name;
}

describe("the compiled plan chooses as the configuration reads", () => {
  test("whatever is nested, weighted, out of service and tried", () => {
    fc.assert(
      fc.property(combos, some, some, chance, (all, out, tried, drawn) => {
        const config: ConfigData = { providers, combos: all };
        const shares = sharesOf(config, "combo:c0", (target) => !out.includes(target) && !tried.includes(target));
        // Where two shares meet, rounding decides.
        fc.pre(shares.every(({ from }) => from === 0 || Math.abs(from - drawn) > 1e-9));
        const expected = shares.find(({ from, to }) => from <= drawn && drawn < to) ?? shares.at(-1);
        expect(pick(planOf(config), "c0", out, tried, drawn)).toBe(expected?.target);
      }),
      { numRuns: 500 },
    );
  }, 30_000);

  test("until nothing is left, each target once", () => {
    fc.assert(
      fc.property(combos, some, chance, (all, out, drawn) => {
        const config: ConfigData = { providers, combos: all };
        const reachable = new Set<string>();
        for (const target of TARGETS) if (sharesOf(config, "combo:c0", (other) => other === target).length > 0) reachable.add(target);
        const asked = order(planOf(config), "c0", drawn, ...out);
        expect(asked.toSorted()).toEqual([...reachable].filter((target) => !out.includes(target)).toSorted());
      }),
    );
  });

  test("a route lists exactly the targets that it can ask, each once", () => {
    fc.assert(
      fc.property(combos, (all) => {
        const plan = planOf({ providers, combos: all });
        const listed = plan.routes[find(plan, "c0")]!.targets.map((id) => plan.targets[id]!.name);
        expect(listed.toSorted()).toEqual(order(plan, "c0").toSorted());
      }),
    );
  });

  test("the same on the same, whatever was decided between", () => {
    fc.assert(
      fc.property(combos, some, some, chance, chance, (all, out, tried, drawn, other) => {
        const plan = planOf({ providers, combos: all });
        const first = pick(plan, "c0", out, tried, drawn);
        pick(plan, "c0", tried, out, other);
        expect(pick(plan, "c0", out, tried, drawn)).toBe(first);
        expect(pick(planOf({ providers, combos: all }), "c0", out, tried, drawn)).toBe(first);
      }),
    );
  });
});

describe("decide", () => {
  const nested: ConfigData["combos"] = {
    outer: {
      strategy: "weighted",
      chat: [
        { to: "combo:inner", weight: 1 },
        { to: "own/m0", weight: 1 },
      ],
    },
    inner: {
      strategy: "weighted",
      chat: [
        { to: "own/m1", weight: 1 },
        { to: "own/m2", weight: 3 },
      ],
    },
  };

  test.each([
    { out: [], shares: { "own/m0": 0.5, "own/m1": 0.125, "own/m2": 0.375 } },
    { out: ["own/m0"], shares: { "own/m1": 0.25, "own/m2": 0.75 } },
    { out: ["own/m2"], shares: { "own/m0": 0.5, "own/m1": 0.5 } },
    { out: ["own/m1", "own/m2"], shares: { "own/m0": 1 } },
  ])("spreads nested weights as they multiply, without $out", ({ out, shares }) => {
    const plan = planOf({ providers, combos: nested });
    const health = healthWithout(plan, ...out);
    const tried = createTried();
    const counts: Record<string, number> = {};
    for (let at = 0; at < 8000; at++) {
      const { name } = plan.targets[decide(plan, find(plan, "outer") as RouteId, health, tried, 0, at / 8000)]!;
      counts[name] = (counts[name] ?? 0) + 1 / 8000;
    }
    expect(Object.keys(counts).toSorted()).toEqual(Object.keys(shares).toSorted());
    for (const [name, share] of Object.entries(shares)) expect(counts[name]).toBeCloseTo(share, 3);
  });

  test("asks in order, passes over what is out, and ends", () => {
    const plan = planOf({ providers, combos: { line: { chat: ["own/m3", "own/m1", "own/m2"] } } });
    expect(order(plan, "line")).toEqual(["own/m3", "own/m1", "own/m2"]);
    expect(order(plan, "line", 0.9, "own/m3")).toEqual(["own/m1", "own/m2"]);
    expect(order(plan, "line", 0, "own/m1", "own/m2", "own/m3")).toEqual([]);
  });

  test("asks a lone target once, and not at all while it is out", () => {
    const plan = planOf({ providers });
    expect([order(plan, "m5"), order(plan, "m5", 0, "own/m5")]).toEqual([["own/m5"], []]);
  });

  test("goes by the health that it is given at the time that it is given", () => {
    const plan = planOf({ providers, combos: { line: { chat: ["own/m0", "own/m1"] } } });
    const health = new HealthBook(
      plan.targets.map(({ name }) => lone(name)),
      () => 0,
    );
    health.failed(0, "rate_limited", 5_000, 0, 0);
    const at = (nowMs: number): number => decide(plan, find(plan, "line") as RouteId, health, createTried(), nowMs, 0);
    expect([at(4_999), at(5_000)]).toEqual([1, 0]);
  });

  test("chooses among more children than any route before had", () => {
    const models = Array.from({ length: 300 }, (_, at) => `n${at}`);
    const chat = models.map((model) => `many/${model}`);
    const many = { many: { kind: "bare", models: { chat: models } } };
    expect(order(planOf({ providers: many, combos: { all: { chat } } }), "all")).toEqual(chat);
    const spread = order(planOf({ providers: many, combos: { all: { strategy: "weighted", chat } } }), "all", 0.999);
    expect([spread[0], spread.length]).toEqual(["many/n299", 300]);
  });
});

describe("waitMs", () => {
  const plan = planOf({ providers, combos: { line: { chat: ["own/m3", "own/m1"] } } });
  const wait = (...out: readonly string[]): number => waitMs(plan, find(plan, "line") as RouteId, healthWithout(plan, ...out), 0);

  test("is the shortest wait of the route's own targets", () => {
    expect(wait("own/m0", "own/m1", "own/m3")).toBe(1001);
  });

  test("is nothing while one of them can be asked", () => {
    expect(wait("own/m1")).toBe(0);
  });
});

describe("createTried", () => {
  test("counts each target once, and forgets all when it is reset", () => {
    const tried = createTried();
    for (const target of [3, 0, 3]) tried.add(target);
    expect([tried.count, tried.has(3), tried.has(0), tried.has(1)]).toEqual([2, true, true, false]);
    tried.reset();
    expect([tried.count, tried.has(3), tried.has(0)]).toEqual([0, false, false]);
    tried.add(1);
    expect([tried.count, tried.has(1), tried.has(0)]).toEqual([1, true, false]);
  });
});
