import type { Noise } from "./machine.ts";
import { pairedRatios, type Spread, spreadOf } from "./statistics.ts";

/** What can be measured of a contestant or of a piece of code, and in what unit. */
export const METRICS = {
  cpuUsPerRequest: { title: "CPU µs/request", better: "less" },
  cpuUsPerEvent: { title: "CPU µs/event", better: "less" },
  perSecond: { title: "requests/s", better: "more" },
  eventsPerSecond: { title: "events/s", better: "more" },
  latencyMsP50: { title: "p50 ms", better: "less" },
  latencyMsP99: { title: "p99 ms", better: "less" },
  firstByteMsP50: { title: "first byte p50 ms", better: "less" },
  delayMsP50: { title: "delay p50 ms", better: "less" },
  delayMsP99: { title: "delay p99 ms", better: "less" },
  rssMb: { title: "RSS MB", better: "less" },
  nsPerCall: { title: "ns/call", better: "less" },
} as const satisfies Readonly<Record<string, { readonly title: string; readonly better: "less" | "more" }>>;

export type Metric = keyof typeof METRICS;

/** One thing that was measured, in every round. */
export interface Figure extends Spread {
  readonly suite: string;
  readonly scenario: string;
  /** A contestant, or a piece of code. */
  readonly of: string;
  readonly metric: Metric;
  /** In the order of the rounds; null is a round that gave no number. */
  readonly values: readonly (number | null)[];
}

/** A scenario as it was run, with the machine's noise meanwhile. */
export interface ScenarioReport {
  readonly suite: string;
  readonly scenario: string;
  /** What is done in it, for people. */
  readonly about: string;
  /** The middle of all measurements in it. */
  readonly noise: Noise | null;
  /** Answers that were not what they should be. With any, its figures mean nothing. */
  readonly failures: number;
  /** CPU of the load generator, µs per request or event: what the harness itself costs. Null where there is none. */
  readonly loadCpuUs: number | null;
}

/** What a suite gives. */
export interface SuiteReport {
  readonly scenarios: readonly ScenarioReport[];
  readonly figures: readonly Figure[];
}

/** Sums up the rounds of one measurement. */
export function figureOf(suite: string, scenario: string, of: string, metric: Metric, values: readonly number[]): Figure {
  return { suite, scenario, of, metric, ...spreadOf(values), values: values.map((value) => (Number.isFinite(value) ? value : null)) };
}

/** Finds a figure; undefined if that was not measured. */
export function find(figures: readonly Figure[], scenario: string, of: string, metric: Metric): Figure | undefined {
  return figures.find((figure) => figure.scenario === scenario && figure.of === of && figure.metric === metric);
}

/** The rounds as numbers again, NaN for those without. */
export function valuesOf(figure: Figure): number[] {
  return figure.values.map((value) => value ?? Number.NaN);
}

/** One against another, round by round. Undefined where either was not measured. */
export function ratioOf(figures: readonly Figure[], scenario: string, metric: Metric, of: string, against: string): Spread | undefined {
  const own = find(figures, scenario, of, metric);
  const other = find(figures, scenario, against, metric);
  if (own === undefined || other === undefined) return undefined;
  const spread = spreadOf(pairedRatios(valuesOf(own), valuesOf(other)));
  return spread.rounds === 0 ? undefined : spread;
}

/** The ratios that budgets and READMEs speak of; null where one of the two was not measured. */
export interface Ratios {
  /** CPU of the gateway over CPU of the pass-through: whole answers, 1 KiB bodies, closed loop. */
  readonly cpuPerRequestVsPassThrough: number | null;
  readonly cpuPerRequestVsNginx: number | null;
  readonly requestsPerSecondVsPassThrough: number | null;
  readonly cpuPerEventBulkVsPassThrough: number | null;
  readonly cpuPerEventPacedVsPassThrough: number | null;
  /** Differences, not ratios: what stands between client and upstream adds so much to the middle request, open loop. Milliseconds. */
  readonly addedLatencyMsP50: number | null;
  readonly addedLatencyMsP50PassThrough: number | null;
}

export function ratiosOf(figures: readonly Figure[]): Ratios {
  const ratio = (scenario: string, metric: Metric, against: string) => ratioOf(figures, scenario, metric, "omni", against)?.median ?? null;
  const added = (of: string) => {
    const own = find(figures, "open-loop", of, "latencyMsP50");
    const direct = find(figures, "open-loop", "direct", "latencyMsP50");
    return own === undefined || direct === undefined ? null : own.median - direct.median;
  };
  return {
    cpuPerRequestVsPassThrough: ratio("closed-loop", "cpuUsPerRequest", "pass-through"),
    cpuPerRequestVsNginx: ratio("closed-loop", "cpuUsPerRequest", "nginx"),
    requestsPerSecondVsPassThrough: ratio("closed-loop", "perSecond", "pass-through"),
    cpuPerEventBulkVsPassThrough: ratio("bulk", "cpuUsPerEvent", "pass-through"),
    cpuPerEventPacedVsPassThrough: ratio("paced", "cpuUsPerEvent", "pass-through"),
    addedLatencyMsP50: added("omni"),
    addedLatencyMsP50PassThrough: added("pass-through"),
  };
}
