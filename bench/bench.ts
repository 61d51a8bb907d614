import { writeFileSync } from "node:fs";
import type { Command, CommandInput } from "../src/cli/command.ts";
import { UsageError } from "../src/cli/parse.ts";
import { drawFigures, measureFilters } from "../src/cli/rtk-bench.ts";
import { COMMIT, VERSION } from "../src/cli/version.ts";
import { DEFAULT_FILTERS, FILTERS } from "../src/policies/compress/index.ts";
import { readSamples } from "../test/policies/compress/samples.ts";
import { systemClock } from "../src/world/clock.ts";
import { budgetFaults } from "./budget.ts";
import { findCores, cleanUp, LoadProcess, playRole } from "./children.ts";
import { drawComparison, readReport } from "./compare.ts";
import { type Field, startField } from "./contestants.ts";
import { BenchFailure } from "./failure.ts";
import { ratiosOf, type SuiteReport } from "./figures.ts";
import { describeMachine, hasAccounting } from "./machine.ts";
import { runMicro } from "./micro.ts";
import { type Pace, QUICK, THOROUGH } from "./pace.ts";
import { createProgress, type Progress } from "./progress.ts";
import { runScenario, type Scenario } from "./race.ts";
import { drawReport, type Report } from "./report.ts";
import { requestScenarios } from "./requests.ts";
import { streamScenarios } from "./streams.ts";

/** The suites that send requests; `micro` beside them times code. */
const RACES: Readonly<Record<string, (pace: Pace) => readonly Scenario[]>> = { requests: requestScenarios, streams: streamScenarios };
const SUITES = ["micro", ...Object.keys(RACES)];

/** `omni bench`. How it measures stands in `bench/README.md`. */
export const command: Command = {
  name: "bench",
  summary: "Measure the gateway beside a bare pass-through, and beside nginx where it is installed.",
  args: "[suite...]",
  flags: {
    quick: { type: "boolean", summary: "Shorter rounds: under 45 seconds in all, for a look while one works." },
    json: { type: "string", value: "FILE", summary: "Write everything that was measured; - prints it, and nothing else, to stdout." },
    compare: { type: "string", value: "FILE", summary: "Say what changed since a run that was saved with --json." },
    budget: { type: "boolean", summary: "Exit with 3 if the gateway costs more than was promised." },
  },
  examples: [
    "omni bench --quick",
    "omni bench --json before.json",
    "omni bench --compare before.json",
    "omni bench micro requests --budget",
    "omni bench rtk",
  ],
  run: bench,
};

async function bench(input: CommandInput): Promise<number> {
  const played = await playRole(input.args[0], input.args.slice(1));
  if (played !== undefined) return played;
  if (input.args.length === 1 && input.args[0] === "rtk") return benchFilters(input.flags["json"]);
  const suites = suitesOf(input.args);
  const interrupt = cleanUpOnSignal();
  const progress = createProgress();
  try {
    // A file that is no saved run shall be told of before five minutes have passed.
    const before = typeof input.flags["compare"] === "string" ? readReport(input.flags["compare"]) : undefined;
    const report = await measure(suites, input.flags["quick"] === true ? QUICK : THOROUGH, progress);
    progress.end();
    write(report, before, input.flags["json"]);
    return verdictOf(report, input.flags["budget"] === true);
  } catch (error) {
    progress.end();
    if (!(error instanceof BenchFailure)) throw error;
    console.error(`omni: ${error.message}`);
    return 1;
  } finally {
    cleanUp();
    interrupt.dispose();
  }
}

/** What each filter of tools' output saves, and how long it takes: on recorded output where the sources are, on its own samples in the binary. */
function benchFilters(file: string | boolean | undefined): number {
  const recorded = Bun.isStandaloneExecutable ? [] : readSamples();
  const figures = measureFilters(FILTERS, DEFAULT_FILTERS, systemClock, recorded);
  const json = JSON.stringify({ format: 1, kind: "omni-bench-rtk", version: VERSION, filters: figures }, null, 2);
  console.log(file === "-" ? json : drawFigures(figures));
  if (typeof file === "string" && file !== "-") writeFileSync(file, `${json}\n`);
  return 0;
}

function suitesOf(args: readonly string[]): readonly string[] {
  for (const name of args) {
    if (!SUITES.includes(name))
      throw new UsageError(`bench has no suite "${name}".`, `There are: omni bench ${SUITES.join(" ")}; and omni bench rtk alone`);
  }
  return args.length === 0 ? SUITES : SUITES.filter((name) => args.includes(name));
}

async function measure(suites: readonly string[], pace: Pace, progress: Progress): Promise<Report> {
  const cores = findCores();
  const scenarios = suites.flatMap((name) => RACES[name]?.(pace) ?? []);
  const reports: SuiteReport[] = [];
  let field: Pick<Field, "contestants" | "absent"> = { contestants: [], absent: [] };
  if (suites.includes("micro")) reports.push(runMicro(pace, (text) => progress.tell(text)));
  if (scenarios.length > 0) {
    if (!hasAccounting())
      throw new BenchFailure("Cannot measure CPU time here: that takes Linux, with /proc. `omni bench micro` works everywhere.");
    progress.tell("starting the contestants");
    const running = await startField(cores);
    const load = new LoadProcess(cores?.load);
    field = running;
    const race = { contestants: running.contestants, load, progress: (text: string) => progress.tell(text) };
    for (const scenario of scenarios) reports.push(await runScenario(race, scenario));
    await Promise.all([load.stop(), running.stop()]);
  }
  const figures = reports.flatMap((report) => report.figures);
  return {
    format: 1,
    kind: "omni-bench",
    date: new Date().toISOString(),
    version: VERSION,
    commit: COMMIT ?? null,
    program: Bun.isStandaloneExecutable ? "binary" : "source",
    machine: describeMachine(),
    cores: cores ?? null,
    suites,
    pace,
    contestants: field.contestants.map(({ name, about, config = null }) => ({ name, about, config })),
    absent: field.absent,
    ratios: ratiosOf(figures),
    scenarios: reports.flatMap((report) => report.scenarios),
    figures,
  };
}

function write(report: Report, before: Report | undefined, file: string | boolean | undefined): void {
  const json = JSON.stringify(report, null, 2);
  if (file === "-") {
    console.log(json);
    return;
  }
  console.log(drawReport(report));
  if (before !== undefined) console.log(`\n${drawComparison(before, report)}`);
  if (typeof file !== "string") return;
  writeFileSync(file, `${json}\n`);
  console.error(`\nSaved to ${file}. Compare a later run with it: omni bench --compare ${file}`);
}

function verdictOf(report: Report, budgeted: boolean): number {
  const failures = report.scenarios.reduce((sum, scenario) => sum + scenario.failures, 0);
  if (failures > 0) console.error(`omni: ${failures} answers were not what they should be, so the figures mean nothing.`);
  const faults = budgeted ? budgetFaults(report) : [];
  for (const fault of faults) console.error(`omni: over budget: ${fault}`);
  if (failures > 0) return 1;
  return faults.length > 0 ? 3 : 0;
}

/** An interrupted run leaves no process behind, and ends as its shell expects. */
function cleanUpOnSignal(): { dispose(): void } {
  const end = (code: number) => () => {
    cleanUp();
    process.exit(code);
  };
  const onInterrupt = end(130);
  const onTerminate = end(143);
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onTerminate);
  return {
    dispose() {
      process.off("SIGINT", onInterrupt);
      process.off("SIGTERM", onTerminate);
    },
  };
}
