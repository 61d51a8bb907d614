import { styleText } from "node:util";
import { drawBars } from "../src/cli/plot.ts";
import { type Column, drawTable } from "../src/cli/table.ts";
import type { ContestantName } from "./contestants.ts";
import { type Figure, find, METRICS, type Metric, ratioOf, type Ratios, type ScenarioReport } from "./figures.ts";
import type { Machine } from "./machine.ts";
import type { Pace } from "./pace.ts";

/** A run, as `--json` writes it and `--compare` reads it. */
export interface Report {
  readonly format: 1;
  readonly kind: "omni-bench";
  /** When it ended, in ISO 8601. */
  readonly date: string;
  readonly version: string;
  readonly commit: string | null;
  /** Whether the gateway ran as the binary or from source. */
  readonly program: "binary" | "source";
  readonly machine: Machine;
  /** The core of the gateways, and that of load and upstream; null if the kernel chose. */
  readonly cores: { readonly gateway: number; readonly load: number } | null;
  readonly suites: readonly string[];
  readonly pace: Pace;
  readonly contestants: readonly { readonly name: string; readonly about: string; readonly config: string | null }[];
  /** Who was not measured, and why. */
  readonly absent: readonly string[];
  readonly ratios: Ratios;
  readonly scenarios: readonly ScenarioReport[];
  readonly figures: readonly Figure[];
}

/** What a contestant is held against. */
export const REFERENCE: ContestantName = "pass-through";
/** Cores. With more of the machine gone elsewhere, figures are to be taken with care. */
export const NOISY = 0.2;

/** Draws a run for people: a table and bars per scenario, then the ratios. */
export function drawReport(report: Report): string {
  return [
    drawHead(report),
    ...report.scenarios.map((scenario) =>
      drawScenario(
        scenario,
        report.figures.filter((figure) => figure.scenario === scenario.scenario),
      ),
    ),
    ...drawRatios(report.ratios),
  ].join("\n\n");
}

function drawHead({ machine, cores, version, commit, program, pace, contestants, absent }: Report): string {
  const place = cores === null ? "not pinned" : `gateways on core ${cores.gateway}, load and upstream on core ${cores.load}`;
  return [
    styleText("bold", `omni ${version}${commit === null ? "" : ` ${commit}`} (${program}), Bun ${machine.bun}`),
    `${machine.cpu}, ${machine.cores} cores, ${machine.kernel}; ${place}; ${pace.rounds} interleaved rounds`,
    ...contestants.map(({ name, about }) => `  ${name.padEnd(12)}  ${about}`),
    ...absent.map((line) => `  not here: ${line}`),
  ].join("\n");
}

function drawScenario(scenario: ScenarioReport, figures: readonly Figure[]): string {
  const names = [...new Set(figures.map((figure) => figure.of))];
  const metrics = [...new Set(figures.map((figure) => figure.metric))];
  const [first] = metrics;
  if (first === undefined) return "";
  const against = names.includes(REFERENCE);
  const columns: Column[] = [
    { title: "" },
    ...metrics.flatMap((metric, at): Column[] => [
      { title: METRICS[metric].title, align: "right" },
      ...(at === 0 ? [{ title: "middle half", align: "right" } as const] : []),
      ...(at === 0 && against ? [{ title: `× ${REFERENCE}`, align: "right" } as const] : []),
    ]),
  ];
  const rows = names.map((name) => [
    name,
    ...metrics.flatMap((metric, at) => cellsOf(figures, scenario.scenario, name, metric, at === 0, against)),
  ]);
  return [
    styleText("bold", `${scenario.suite} / ${scenario.scenario}: ${scenario.about}`),
    drawTable(columns, rows),
    drawPlot(figures, scenario.scenario, names, first),
    ...remarksOf(scenario),
  ].join("\n");
}

function cellsOf(figures: readonly Figure[], scenario: string, name: string, metric: Metric, isFirst: boolean, against: boolean): string[] {
  const figure = find(figures, scenario, name, metric);
  if (figure === undefined) return isFirst ? ["", "", ...(against ? [""] : [])] : [""];
  if (!isFirst) return [show(figure.median)];
  const ratio = ratioOf(figures, scenario, metric, name, REFERENCE);
  return [
    show(figure.median),
    `${show(figure.lower)}–${show(figure.upper)}`,
    ...(against ? [ratio === undefined ? "" : ratio.median.toFixed(2)] : []),
  ];
}

function drawPlot(figures: readonly Figure[], scenario: string, names: readonly string[], metric: Metric): string {
  const bars = names.flatMap((label) => {
    const value = find(figures, scenario, label, metric)?.median;
    return value === undefined || !Number.isFinite(value) ? [] : [{ label, value, caption: show(value) }];
  });
  return drawBars(bars);
}

function remarksOf({ noise, failures, loadCpuUs }: ScenarioReport): string[] {
  const remarks: string[] = [];
  const load = loadCpuUs === null ? "" : `, load generator ${show(loadCpuUs)} µs each`;
  if (noise !== null)
    remarks.push(styleText("dim", `noise: ${noise.foreign.toFixed(2)} cores foreign, ${noise.steal.toFixed(2)} stolen${load}`));
  if (noise !== null && noise.foreign + noise.steal > NOISY)
    remarks.push(styleText("yellow", "⚠ the machine was busy with other things: trust the ratios, not the rates"));
  if (failures > 0) remarks.push(styleText("red", `✗ ${failures} answers were not what they should be: these figures mean nothing`));
  return remarks;
}

const RATIO_TITLES: Readonly<Record<keyof Ratios, string>> = {
  cpuPerRequestVsPassThrough: "CPU per request, times the pass-through's",
  cpuPerRequestVsNginx: "CPU per request, times nginx's",
  requestsPerSecondVsPassThrough: "requests per second, times the pass-through's",
  cpuPerEventBulkVsPassThrough: "CPU per event in bulk, times the pass-through's",
  cpuPerEventPacedVsPassThrough: "CPU per paced event, times the pass-through's",
  addedLatencyMsP50: "latency added at 200/s, p50 ms",
  addedLatencyMsP50PassThrough: "the same by the pass-through",
};

function drawRatios(ratios: Ratios): string[] {
  const rows = Object.entries(RATIO_TITLES).flatMap(([name, title]) => {
    const value = ratios[name as keyof Ratios]; // The record's keys are those of `Ratios`.
    return value === null ? [] : [[title, value.toFixed(2)]];
  });
  return rows.length === 0 ? [] : [drawTable([{ title: "omni" }, { title: "", align: "right" }], rows)];
}

/** Three digits that mean something. */
export function show(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US");
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}
