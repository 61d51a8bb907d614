import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ConfigData, WhenData } from "../../src/config/data.ts";
import { HealthBook, lone } from "../../src/resilience/health.ts";
import { createTried, decide, decideInPanic } from "../../src/routing/decide.ts";
import type { Plan, RouteId } from "../../src/routing/plan.ts";
import { NEEDS, NO_FACTS, type RequestFacts } from "../../src/routing/request-facts.ts";
import { fitTargets, whyUnfit } from "../../src/routing/why-unfit.ts";
import { find, healthWithout, planOf } from "./compiled.ts";

const providers: ConfigData["providers"] = { own: { kind: "bare", models: { chat: ["m0", "m1", "m2", "m3"] } } };

/** Every target of a route that a request may be given to, in the order in which they are asked. */
function asked(plan: Plan, name: string, facts: Partial<RequestFacts>, ...out: readonly string[]): string[] {
  const tried = createTried();
  const names: string[] = [];
  for (;;) {
    const target = decide(plan, find(plan, name) as RouteId, healthWithout(plan, ...out), tried, 0, 0.5, { ...NO_FACTS, ...facts });
    if (target === -1) return names;
    tried.add(target);
    names.push(plan.targets[target]!.model);
  }
}

describe("when", () => {
  const headers = (pairs: Record<string, string>): RequestFacts["headers"] => new Headers(pairs);
  test.each<{ when: WhenData; facts: Partial<RequestFacts>; holds: boolean }>([
    { when: { inputTokensMax: 10 }, facts: { inputTokens: 10 }, holds: true },
    { when: { inputTokensMax: 10 }, facts: { inputTokens: 11 }, holds: false },
    { when: { inputTokensMin: 10 }, facts: { inputTokens: 10 }, holds: true },
    { when: { inputTokensMin: 10 }, facts: { inputTokens: 9 }, holds: false },
    { when: { tools: true }, facts: { needs: NEEDS.tools | NEEDS.stream }, holds: true },
    { when: { tools: true }, facts: { needs: NEEDS.images }, holds: false },
    { when: { images: false }, facts: { needs: NEEDS.images }, holds: false },
    { when: { images: false, tools: true }, facts: { needs: NEEDS.tools }, holds: true },
    { when: { stream: false }, facts: { needs: NEEDS.stream }, holds: false },
    { when: { headers: { "X-Team": "red" } }, facts: { headers: headers({ "x-team": "red" }) }, holds: true },
    { when: { headers: { "X-Team": "red" } }, facts: { headers: headers({ "x-team": "Red" }) }, holds: false },
    { when: { headers: { "X-Team": "red" } }, facts: {}, holds: false },
    { when: { hoursUtc: "09:00-17:30" }, facts: { minute: 9 * 60 }, holds: true },
    { when: { hoursUtc: "09:00-17:30" }, facts: { minute: 17 * 60 + 30 }, holds: false },
    { when: { hoursUtc: "22:00-06:00" }, facts: { minute: 23 * 60 }, holds: true },
    { when: { hoursUtc: "22:00-06:00" }, facts: { minute: 5 * 60 + 59 }, holds: true },
    { when: { hoursUtc: "22:00-06:00" }, facts: { minute: 6 * 60 }, holds: false },
  ])("$when and $facts: $holds", ({ when, facts, holds }) => {
    const plan = planOf({ providers, combos: { c: { chat: [{ to: "own/m1", when }, "own/m0"] } } });
    expect(asked(plan, "c", facts)).toEqual(holds ? ["m1", "m0"] : ["m0"]);
  });

  test("holds for a nested combo as a whole, and within it again", () => {
    const plan = planOf({
      providers,
      combos: {
        outer: { strategy: "conditional", chat: [{ to: "combo:inner", when: { tools: true } }, "own/m3"] },
        inner: { chat: [{ to: "own/m0", when: { images: true } }, "own/m1"] },
      },
    });
    expect(asked(plan, "outer", { needs: NEEDS.tools })).toEqual(["m1", "m3"]);
    expect(asked(plan, "outer", { needs: NEEDS.tools | NEEDS.images })).toEqual(["m0", "m1", "m3"]);
    expect(asked(plan, "outer", {})).toEqual(["m3"]);
  });

  test("a group whose children are all for other requests is never entered", () => {
    const plan = planOf({
      providers,
      combos: {
        outer: { strategy: "weighted", chat: ["combo:inner", "own/m3"] },
        inner: { chat: [{ to: "own/m0", when: { images: true } }] },
      },
    });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (chance) => {
        const target = decide(plan, find(plan, "outer") as RouteId, healthWithout(plan), createTried(), 0, chance, NO_FACTS);
        expect(plan.targets[target]?.model).toBe("m3");
      }),
    );
  });

  test("only a route that asks for it has its requests read", () => {
    const plan = planOf({
      providers,
      combos: { plain: { chat: ["own/m0"] }, choosy: { chat: [{ to: "own/m0", when: { tools: true } }, "combo:plain"] } },
    });
    const asks = (name: string): boolean => plan.routes[find(plan, name) as RouteId]!.asksFacts;
    expect([asks("plain"), asks("choosy"), asks("m1")]).toEqual([false, true, false]);
  });
});

describe("what a model can not do", () => {
  const facts: NonNullable<ConfigData["providers"][string]["facts"]> = {
    m0: { tools: false },
    m1: { images: false, contextTokens: 1_000 },
    m2: { structuredOutput: false },
  };
  const plan = planOf({ providers: { own: { ...providers["own"]!, facts } }, combos: { line: { chat: ["own/m0", "own/m1", "own/m2"] } } });

  test.each<{ claim: string; needs?: number; inputTokens?: number; asked: string[] }>([
    { claim: "nothing asked for", asked: ["m0", "m1", "m2"] },
    { claim: "tools", needs: NEEDS.tools, asked: ["m1", "m2"] },
    { claim: "images and tools", needs: NEEDS.images | NEEDS.tools, asked: ["m2"] },
    { claim: "all at once", needs: NEEDS.images | NEEDS.tools | NEEDS.structuredOutput, asked: [] },
    { claim: "an estimate of a little more than the window", inputTokens: 1_900, asked: ["m0", "m1", "m2"] },
    { claim: "what is surely longer than the window", inputTokens: 2_100, asked: ["m0", "m2"] },
  ])("keeps requests away from it: $claim", ({ needs = 0, inputTokens = 0, asked: expected }) => {
    expect(asked(plan, "line", { needs, inputTokens })).toEqual(expected);
  });

  test("is told when nobody is left, one reason for each", () => {
    const route = plan.routes[find(plan, "line") as RouteId]!;
    expect(whyUnfit(plan, route, { ...NO_FACTS, needs: 7, inputTokens: 5_000 })).toEqual([
      "own/m0 takes no tools",
      "own/m1 takes no images",
      "own/m2 follows no schema",
    ]);
    const names = (needs: number): string[] => fitTargets(plan, route, { ...NO_FACTS, needs }).map((target) => plan.targets[target]!.model);
    expect([names(7), names(NEEDS.tools)]).toEqual([[], ["m1", "m2"]]);
  });

  test("makes its routes read requests", () => {
    expect(plan.routes[find(plan, "m1") as RouteId]!.asksFacts).toBe(true);
    expect(plan.routes[find(plan, "m3") as RouteId]!.asksFacts).toBe(false);
  });
});

test("those that a request is for are those that decide would pick, one after the other", () => {
  const when: fc.Arbitrary<WhenData> = fc.record({ tools: fc.boolean(), images: fc.boolean() }, { requiredKeys: [] });
  const item = (names: readonly string[]) => fc.record({ to: fc.constantFrom(...names), when }, { requiredKeys: ["to"] });
  const targets = ["own/m0", "own/m1", "own/m2", "own/m3"];
  const list = (names: readonly string[]) => fc.array(item(names), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(list(targets), list([...targets, "combo:inner"]), fc.nat(3), (inner, outer, needs) => {
      const plan = planOf({ providers, combos: { inner: { chat: inner }, outer: { chat: outer } } });
      const route = plan.routes[find(plan, "outer") as RouteId]!;
      const fit = fitTargets(plan, route, { ...NO_FACTS, needs }).map((target) => plan.targets[target]!.model);
      expect(fit.toSorted()).toEqual(asked(plan, "outer", { needs }).toSorted());
    }),
  );
});

describe("who comes back from being out", () => {
  const plan = planOf({ providers, combos: { line: { chat: ["own/m0", "own/m1"] } } });
  const book = (): HealthBook => {
    const health = new HealthBook(
      plan.targets.map(({ name }) => lone(name)),
      () => 0,
    );
    for (let at = 0; at < 5; at++) health.failed(0, "upstream_failed", undefined, 0, 0);
    // The probe, after a second.
    health.started(0, 1_000);
    health.succeeded(0, 1_000, 1_000);
    return health;
  };
  const shareAt = (health: HealthBook, nowMs: number): number => {
    let first = 0;
    for (let at = 0; at < 1_000; at++) {
      if (decide(plan, find(plan, "line") as RouteId, health, createTried(), nowMs, at / 1_000) === 0) first++;
    }
    return first / 1_000;
  };

  test("gets a tenth of its traffic at first, and all of it after ten seconds", () => {
    const health = book();
    expect(shareAt(health, 1_000)).toBeCloseTo(0.1, 1);
    expect(shareAt(health, 6_000)).toBeCloseTo(0.55, 1);
    expect(shareAt(health, 11_000)).toBe(1);
  });

  test("gets all of it where there is nobody else", () => {
    const tried = createTried();
    tried.add(1);
    for (let at = 0; at < 100; at++) expect(decide(plan, find(plan, "line") as RouteId, book(), tried, 1_000, at / 100)).toBe(0 as never);
  });
});

describe("a panic", () => {
  const plan = planOf({
    providers,
    combos: { line: { chat: ["own/m0", "own/m1", "own/m2"] }, nested: { chat: ["combo:line", "own/m3"] } },
  });
  const broken = (health: HealthBook, target: number, times = 5): void => {
    for (let at = 0; at < times; at++) health.failed(target, "upstream_failed", undefined, 0, 0);
  };
  const book = (): HealthBook =>
    new HealthBook(
      plan.targets.map(({ name }) => lone(name)),
      () => 0,
    );
  const inPanic = (health: HealthBook, name = "line"): number => {
    const route = plan.routes[find(plan, name) as RouteId]!;
    return decideInPanic(route, route.targets, health, 10);
  };

  test("asks the one that would be asked first when everything is open", () => {
    const health = book();
    for (const target of [0, 1, 2]) broken(health, target);
    // Another opening of the first and the last one, for twice as long.
    for (const target of [0, 2]) health.failed(target, "upstream_failed", undefined, 1_000, 1_000);
    expect(inPanic(health)).toBe(1);
  });

  test("leaves alone who asked for it", () => {
    const health = book();
    broken(health, 0);
    for (const target of [1, 2]) health.failed(target, "rate_limited", 60_000, 0, 0);
    expect(inPanic(health)).toBe(0);
    health.failed(0, "rate_limited", 60_000, 0, 0);
    expect(inPanic(health)).toBe(-1);
  });

  test("is none while half of the targets are in service, or at a name that stands for one target", () => {
    const health = book();
    broken(health, 0);
    expect(inPanic(health)).toBe(-1);
    broken(health, 1);
    expect(inPanic(health, "m0")).toBe(-1);
  });

  test("is not for everybody at once", () => {
    const health = book();
    for (const target of [0, 1, 2]) broken(health, target);
    for (let at = 0; at < 9; at++) {
      const target = inPanic(health);
      expect(target).not.toBe(-1);
      health.started(target, 10);
    }
    expect(inPanic(health)).toBe(-1);
  });

  test("that goes well closes the circuit, and one that does not leaves it as it was", () => {
    const health = book();
    for (const target of [0, 1, 2]) broken(health, target);
    const waitMs = health.waitMs(0, 10);
    health.started(0, 10);
    health.failed(0, "upstream_failed", undefined, 10, 11);
    expect(health.waitMs(0, 10)).toBe(waitMs);
    health.started(0, 12);
    health.succeeded(0, 12, 13);
    expect(health.allows(0, 13)).toBe(true);
  });
});

describe("prices", () => {
  test("are the operator's, for lowest-cost and auto to go by", () => {
    const plan = planOf({
      providers,
      prices: { "own/m0": { input: 5, output: 5 }, "own/m1": { input: 1, output: 90 }, "own/m2": "free" },
      combos: {
        cheap: { strategy: "lowest-cost", chat: ["own/m3", "own/m0", "own/m1"] },
        free: { strategy: "lowest-cost", chat: ["own/m3", "own/m0", "own/m1", "own/m2"] },
      },
    });
    // Much is read and little written, or the other way round.
    expect(asked(plan, "cheap", { inputTokens: 100_000, outputTokensMax: 10 })).toEqual(["m1", "m0", "m3"]);
    expect(asked(plan, "cheap", { inputTokens: 10, outputTokensMax: 500 })).toEqual(["m0", "m1", "m3"]);
    expect(asked(plan, "free", {})).toEqual(["m2", "m0", "m1", "m3"]);
  });
});
