import type { Pace } from "./pace.ts";
import type { Scenario } from "./race.ts";

const BODY_BYTES = 1024;

/** Whole answers: what a request costs at saturation, and what it adds to the time of a client when there is room. */
export function requestScenarios(pace: Pace): readonly Scenario[] {
  return [
    {
      suite: "requests",
      name: "closed-loop",
      about: "64 connections, each asks again when it has its answer; bodies of 1 KiB, answers of 0.8 KiB",
      rounds: pace.rounds,
      warmTurnsMax: pace.warmTurnsMax,
      load: { behaviour: "whole", bodyBytes: BODY_BYTES, connections: 64, warmMs: 50, measuredMs: pace.closedLoopMs },
      metrics: {
        cpuUsPerRequest: ({ cpuMs, answers }) => (cpuMs * 1000) / answers,
        perSecond: ({ answers, elapsedMs }) => (answers * 1000) / elapsedMs,
        latencyMsP50: ({ latencyMs }) => latencyMs.p50,
        rssMb: ({ rssMb }) => rssMb,
      },
    },
    {
      suite: "requests",
      name: "open-loop",
      about: "200 requests a second, sent when due; latency counts from then; bodies of 1 KiB",
      rounds: pace.roundsOther,
      warmTurnsMax: 1,
      load: { behaviour: "whole", bodyBytes: BODY_BYTES, connections: 256, ratePerSecond: 200, warmMs: 100, measuredMs: pace.openLoopMs },
      metrics: {
        latencyMsP50: ({ latencyMs }) => latencyMs.p50,
        latencyMsP99: ({ latencyMs }) => latencyMs.p99,
        cpuUsPerRequest: ({ cpuMs, answers }) => (cpuMs * 1000) / answers,
      },
    },
  ];
}
