import type { ConfigData } from "../config/data.ts";
import { generateScenario } from "./generate.ts";
import { runScenario, type SimulationRun } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { shrink } from "./shrink.ts";
import { simulatedPlan } from "./simulated-plan.ts";
import { type SimulationSummary, Summing } from "./summary.ts";

/** Which scenarios to run. */
export interface SeedsOptions {
  /** The first one. Default 1. */
  readonly seed?: number;
  /** How many. Default 1,000. */
  readonly seeds?: number;
  /** What is simulated. Default: each seed makes up its own. */
  readonly config?: ConfigData | undefined;
  /** Is told how many are done, now and then. */
  readonly progress?: (done: number) => void;
}

/** A seed under which something was broken that must hold. */
export interface SeedViolation {
  readonly seed: number;
  readonly what: string;
  /** The smallest scenario that still breaks it. */
  readonly scenario: Scenario;
}

/** What came of it. */
export interface SeedsResult extends SimulationSummary {
  readonly violations: readonly SeedViolation[];
  /** The same for the same seeds. */
  readonly digest: string;
}

/** Beyond so many nothing new is learned. */
const VIOLATIONS_MAX = 3;
const PROGRESS_EVERY = 500;

/** Runs one scenario for each seed. */
export async function simulateSeeds({ seed = 1, seeds = 1_000, config, progress }: SeedsOptions = {}): Promise<SeedsResult> {
  const plan = config && simulatedPlan(config);
  const run = (scenario: Scenario): Promise<SimulationRun> => runScenario(scenario, plan ?? simulatedPlan(scenario.config, false));
  const sum = new Summing();
  const violations: SeedViolation[] = [];
  for (let at = seed; at < seed + seeds; at++) {
    const scenario = generateScenario(at, config);
    const done = await run(scenario);
    sum.add(done);
    const [what] = done.violations;
    if (what !== undefined && violations.length < VIOLATIONS_MAX)
      violations.push({ seed: at, what, scenario: await smallest(scenario, what, run) });
    if ((at - seed + 1) % PROGRESS_EVERY === 0) progress?.(at - seed + 1);
  }
  return { ...sum.summary(), violations, digest: sum.digest() };
}

function smallest(scenario: Scenario, what: string, run: (scenario: Scenario) => Promise<SimulationRun>): Promise<Scenario> {
  // Numbers and names change as a scenario shrinks; what is broken does not.
  const kind = (text: string): string => text.replaceAll(/"[^"]*"|[\w-]+\/[\w.-]+|\d+/g, "…");
  return shrink(scenario, async (smaller) => (await run(smaller)).violations.some((other) => kind(other) === kind(what)));
}
