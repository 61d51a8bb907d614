import { describe, expect, test } from "bun:test";
import type { ConfigData } from "../../src/config/data.ts";
import { isServed } from "../../src/simulation/invariants.ts";
import { runScenario, type SimulationRun } from "../../src/simulation/run.ts";
import type { Scenario, SimulatedFault } from "../../src/simulation/scenario.ts";

const provider = { kind: "openai-compatible", baseUrl: "http://127.0.0.1:1/v1", models: { chat: ["m"] } };
const config: ConfigData = {
  providers: { a: provider, b: provider, c: provider },
  combos: { smart: { chat: ["a/m", "b/m", "c/m"] }, spread: { strategy: "p2c", chat: ["a/m", "b/m", "c/m"] } },
};

/** So many requests, one every so often, while this goes wrong all the time. */
function run(
  model: string,
  count: number,
  everyMs: number,
  faults: readonly Omit<SimulatedFault, "fromMs" | "untilMs">[],
): Promise<SimulationRun> {
  const scenario: Scenario = {
    seed: 7,
    config,
    requests: Array.from({ length: count }, (_, at) => ({
      atMs: at * everyMs,
      model,
      stream: at % 2 === 0,
      leavesAfterMs: undefined,
      tools: false,
      images: false,
      length: 10,
      session: `s${at % 50}`,
    })),
    faults: faults.map((fault) => ({ ...fault, fromMs: 0, untilMs: count * everyMs + 60_000 })),
    clockSteps: [],
    reloadsMs: [],
  };
  return runScenario(scenario);
}

const servedOf = ({ outcomes }: SimulationRun): number => outcomes.filter(isServed).length / outcomes.length;

describe.each(["smart", "spread"])("a combo of three, %s", (model) => {
  test("answers at least 99 of 100 while each target fails one time in five", async () => {
    const all = await run(model, 2_000, 50, [{ at: "*", type: "error-500", share: 0.2 }]);
    expect(all.violations).toEqual([]);
    expect(servedOf(all)).toBeGreaterThanOrEqual(0.99);
  }, 60_000);

  test.each(["refuse", "reset", "error-500", "overloaded-503", "hollow"] as const)(
    "answers all while one of them is dead: %s",
    async (type) => {
      const all = await run(model, 500, 50, [{ at: "a", type }]);
      expect(servedOf(all)).toBe(1);
    },
    60_000,
  );

  test.each(["refuse", "error-500"] as const)(
    "makes an outage of all no worse: at most 1.2 attempts for each request after the first seconds: %s",
    async (type) => {
      const all = await run(model, 3_000, 10, [{ at: "*", type }]);
      const later = all.settlements.slice(500, 3_000);
      expect(later.length).toBe(2_500);
      expect(later.reduce((sum, { attempts }) => sum + attempts.length, 0) / later.length).toBeLessThanOrEqual(1.2);
    },
    60_000,
  );
});

test("a wall clock that jumps an hour either way opens no circuit and ends no wait early", async () => {
  const faults: SimulatedFault[] = [{ at: "a", type: "quota", fromMs: 0, untilMs: 20_000 }];
  const requests = Array.from({ length: 200 }, (_, at) => ({
    ...{ atMs: at * 100, model: "smart", stream: at % 2 === 0, leavesAfterMs: undefined },
    ...{ tools: false, images: false, length: 10, session: "s" },
  }));
  const still = await runScenario({ seed: 3, config, requests, faults, clockSteps: [], reloadsMs: [] });
  const jumping = await runScenario({
    ...{ seed: 3, config, requests, faults, reloadsMs: [] },
    clockSteps: [
      { atMs: 5_000, byMs: 3_600_000 },
      { atMs: 10_000, byMs: -7_200_000 },
    ],
  });
  const wayOf = ({ settlements }: SimulationRun) => settlements.map(({ attempts, failure, totalMs }) => ({ attempts, failure, totalMs }));
  expect(wayOf(jumping)).toEqual(wayOf(still));
  expect(servedOf(jumping)).toBe(1);
});
