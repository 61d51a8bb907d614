import { describe, expect, test } from "bun:test";
import type { ClientOutcome } from "../../src/simulation/client.ts";
import { generateScenario } from "../../src/simulation/generate.ts";
import { violationsOf } from "../../src/simulation/invariants.ts";
import { runScenario, type SimulationRun } from "../../src/simulation/run.ts";
import type { Scenario } from "../../src/simulation/scenario.ts";
import { shrink } from "../../src/simulation/shrink.ts";
import { simulateSeeds } from "../../src/simulation/simulate-seeds.ts";

/** How many scenarios a run of the tests goes through. The whole ten thousand are `omni simulate --generated --seeds 10000`. */
const SEEDS = 300;

test("nothing that must hold is broken, and the same seeds give the same to the bit", async () => {
  const [first, again] = [await simulateSeeds({ seeds: SEEDS }), await simulateSeeds({ seeds: SEEDS })];
  expect(first.violations).toEqual([]);
  expect(again).toEqual(first);
  expect((await simulateSeeds({ seeds: 20, seed: 2 })).digest).not.toBe((await simulateSeeds({ seeds: 20 })).digest);
}, 120_000);

test("scenarios are of all kinds: each fault, each strategy, clocks that jump and clients that leave", () => {
  const scenarios = Array.from({ length: 400 }, (_, seed) => generateScenario(seed + 1, undefined));
  const faults = new Set(scenarios.flatMap((scenario) => scenario.faults.map(({ type }) => type)));
  const strategies = new Set(scenarios.flatMap(({ config }) => Object.values(config.combos ?? {}).map(({ strategy }) => strategy)));
  expect([faults.size, strategies.size]).toEqual([12, 12]);
  expect(scenarios.some(({ clockSteps }) => clockSteps.length > 0)).toBe(true);
  expect(scenarios.some(({ reloadsMs }) => reloadsMs.length > 0)).toBe(true);
  expect(scenarios.some(({ requests }) => requests.some(({ leavesAfterMs }) => leavesAfterMs !== undefined))).toBe(true);
});

describe("what is broken is seen", () => {
  // A run in which all is well, to be broken in one place at a time.
  const sound = runScenario({
    seed: 1,
    config: {
      providers: { p: { kind: "openai-compatible", baseUrl: "http://127.0.0.1:1", models: { chat: ["m", "n"] } } },
      combos: { c: { chat: ["p/m", "p/n"] } },
    },
    requests: [
      { atMs: 0, model: "c", stream: true, leavesAfterMs: undefined, tools: false, images: false, length: 10, session: "" },
      { atMs: 9, model: "c", stream: false, leavesAfterMs: undefined, tools: false, images: false, length: 10, session: "" },
    ],
    faults: [],
    clockSteps: [],
    reloadsMs: [],
  });
  const outcome = (run: SimulationRun, change: Partial<ClientOutcome>): Partial<SimulationRun> => ({
    outcomes: [{ ...run.outcomes[0]!, ...change }, ...run.outcomes.slice(1)],
  });
  const attempts = (run: SimulationRun, ...list: SimulationRun["settlements"][number]["attempts"][number][]): Partial<SimulationRun> => ({
    settlements: [{ ...run.settlements[0]!, attempts: list }, ...run.settlements.slice(1)],
  });
  const failed = { target: "p/m", failure: "upstream_failed" } as SimulationRun["settlements"][number]["attempts"][number];

  test("nothing, where all is well", async () => {
    expect((await sound).violations).toEqual([]);
  });

  test.each<{ claim: string; change: (run: SimulationRun) => Partial<SimulationRun>; says: string }>([
    { claim: "a mistake", change: () => ({ mistakes: [new Error("oh")] }), says: "made a mistake" },
    { claim: "an exchange without a settlement", change: (run) => ({ settlements: run.settlements.slice(1) }), says: "were settled" },
    { claim: "a slot that is lost", change: () => ({ left: { exchanges: 0, timers: 0, inFlight: 1 } }), says: "1 inFlight are left" },
    { claim: "a timer that is left", change: () => ({ left: { exchanges: 0, timers: 2, inFlight: 0 } }), says: "2 timers are left" },
    { claim: "too many attempts", change: (run) => attempts(run, ...new Array(5).fill(failed)), says: "5 attempts were made" },
    { claim: "three attempts at one target", change: (run) => attempts(run, failed, failed, failed), says: "asked 3 times" },
    {
      claim: "an attempt after a good one",
      change: (run) => attempts(run, { ...failed, failure: undefined }, { ...failed, target: "p/n", failure: undefined }),
      says: "followed one that was good",
    },
    { claim: "two answers in one", change: (run) => outcome(run, { text: `${run.outcomes[0]!.text} a0 a77 ` }), says: "put together of" },
    {
      claim: "an end that is made up",
      change: (run) => outcome(run, { text: '"id":"a0" data: [DONE]' }),
      says: "looks finished and is not",
    },
    { claim: "an answer of nothing", change: (run) => outcome(run, { text: "" }), says: "has nothing in it" },
    { claim: "our key's refusal at a client", change: (run) => outcome(run, { status: 401, end: "failed" }), says: "got 401" },
    {
      claim: "a refusal without a time to come back",
      change: (run) => outcome(run, { status: 503, end: "failed", code: "circuit_open", retryAfterMs: undefined }),
      says: "no time to come back",
    },
    {
      claim: "a failure without a fault",
      change: (run) => outcome(run, { status: 502, end: "failed", code: "upstream_failed" }),
      says: "though nothing was wrong",
    },
    {
      claim: "an outage that stays",
      change: (run) => ({ later: [{ ...run.later[0]!, status: 503, end: "failed" }] }),
      says: "does not come back",
    },
  ])("$claim", async ({ change, says }) => {
    const run = await sound;
    expect(violationsOf({ ...run, ...change(run) }).join("\n")).toContain(says);
  });
});

test("a scenario that fails is shrunk to what it takes to fail", async () => {
  const scenario = Array.from({ length: 100 }, (_, seed) => generateScenario(seed + 1, undefined)).find(
    ({ faults, requests }) => faults.length >= 3 && requests.length >= 20,
  )!;
  const [culprit] = scenario.faults.slice(1);
  const fails = ({ faults, requests }: Scenario): Promise<boolean> => Promise.resolve(faults.includes(culprit!) && requests.length >= 3);
  const smallest = await shrink(scenario, fails);
  expect(smallest.faults).toEqual([culprit!]);
  expect(smallest.requests.length).toBe(3);
  expect([smallest.clockSteps, smallest.reloadsMs]).toEqual([[], []]);
});
