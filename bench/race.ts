import { type Contestant, PATH } from "./contestants.ts";
import type { LoadProcess } from "./children.ts";
import { type Figure, figureOf, type Metric, type SuiteReport } from "./figures.ts";
import type { LoadJob, LoadResult } from "./load.ts";
import { type Noise, NoiseMeter } from "./machine.ts";
import { median } from "./statistics.ts";

/** What is asked of every contestant alike. */
export interface Scenario {
  readonly suite: string;
  readonly name: string;
  readonly about: string;
  readonly rounds: number;
  /** Before the first round each contestant works unmeasured, at most so often, until two turns agree. */
  readonly warmTurnsMax: number;
  readonly load: Omit<LoadJob, "port" | "pid" | "path">;
  /** What it shows, and how that is read from one measurement. */
  readonly metrics: { readonly [M in Metric]?: (result: LoadResult) => number };
}

/** Who is measured, and by whom. */
export interface Race {
  readonly contestants: readonly Contestant[];
  readonly load: LoadProcess;
  progress(text: string): void;
}

/** Two turns that differ by less than this share are taken for the steady state. */
const STEADY = 0.05;

interface Measurement {
  readonly result: LoadResult;
  readonly noise: Noise;
}

/**
 * Runs a scenario in rounds. In each round every contestant has its turn, so that whatever the machine goes through hits all of them; every
 * second round runs backwards, so that nobody always follows the same neighbour.
 */
export async function runScenario(race: Race, scenario: Scenario): Promise<SuiteReport> {
  const { contestants, progress } = race;
  const { rounds } = scenario;
  for (const contestant of contestants) {
    progress(`${scenario.name}: ${contestant.name} warms up`);
    await warm(race, scenario, contestant);
  }
  const seen = new Map<Contestant, Measurement[]>(contestants.map((contestant) => [contestant, []]));
  for (let round = 0; round < rounds; round++) {
    for (const contestant of round % 2 === 0 ? contestants : contestants.toReversed()) {
      progress(`${scenario.name}: round ${round + 1} of ${rounds}, ${contestant.name}`);
      seen.get(contestant)?.push(await measure(race, scenario, contestant));
    }
  }
  return reportOf(scenario, seen);
}

async function warm(race: Race, scenario: Scenario, contestant: Contestant): Promise<void> {
  let before = Number.NaN;
  for (let turn = 0; turn < scenario.warmTurnsMax; turn++) {
    const { result } = await measure(race, scenario, contestant);
    const now = result.cpuMs / Math.max(1, result.answers + result.events);
    if (Math.abs(now - before) / before < STEADY) return;
    before = now;
  }
}

async function measure({ contestants, load }: Race, { load: job }: Scenario, contestant: Contestant): Promise<Measurement> {
  const meter = new NoiseMeter([process.pid, load.pid, ...contestants.map(({ pid }) => pid)]);
  const result = await load.run({ ...job, port: contestant.port, pid: contestant.pid, path: PATH });
  return { result, noise: meter.read() };
}

function reportOf(scenario: Scenario, seen: ReadonlyMap<Contestant, readonly Measurement[]>): SuiteReport {
  const { suite, name, about } = scenario;
  const all = [...seen.values()].flat();
  const metrics = Object.entries(scenario.metrics) as [Metric, (result: LoadResult) => number][]; // Its keys are metrics by its type.
  const figures = [...seen].flatMap(([contestant, turns]) =>
    metrics.map(
      ([metric, read]): Figure =>
        figureOf(
          suite,
          name,
          contestant.name,
          metric,
          turns.map(({ result }) => read(result)),
        ),
    ),
  );
  const report = {
    suite,
    scenario: name,
    about,
    noise: { steal: median(all.map(({ noise }) => noise.steal)), foreign: median(all.map(({ noise }) => noise.foreign)) },
    failures: all.reduce((sum, { result }) => sum + result.failures, 0),
    loadCpuUs: median(all.map(({ result }) => (result.loadCpuMs * 1000) / Math.max(1, result.answers, result.events))),
  };
  return { scenarios: [report], figures };
}
