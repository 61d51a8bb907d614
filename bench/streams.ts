import type { Pace } from "./pace.ts";
import type { Scenario } from "./race.ts";
import { BULK_EVENTS, PACE_MS } from "./traffic.ts";

const BODY_BYTES = 1024;
const PACED_STREAMS = 60;

/** Streamed answers: in bulk, where bytes are what costs, and paced as models write, where wake-ups are. */
export function streamScenarios(pace: Pace): readonly Scenario[] {
  return [
    {
      suite: "streams",
      name: "bulk",
      about: `32 connections, streams of ${BULK_EVENTS} events as fast as they go`,
      rounds: pace.roundsOther,
      warmTurnsMax: 1,
      load: { behaviour: "bulk", bodyBytes: BODY_BYTES, connections: 32, warmMs: 50, measuredMs: pace.bulkMs },
      metrics: {
        cpuUsPerEvent: ({ cpuMs, events }) => (cpuMs * 1000) / events,
        eventsPerSecond: ({ events, elapsedMs }) => (events * 1000) / elapsedMs,
        firstByteMsP50: ({ latencyMs }) => latencyMs.p50,
        rssMb: ({ rssMb }) => rssMb,
      },
    },
    {
      suite: "streams",
      name: "paced",
      about: `${PACED_STREAMS} streams at ${1000 / PACE_MS} events a second each, every event written alone; delay is from write to arrival`,
      rounds: pace.roundsOther,
      warmTurnsMax: 1,
      load: { behaviour: "paced", bodyBytes: BODY_BYTES, connections: PACED_STREAMS, warmMs: 150, measuredMs: pace.pacedMs },
      metrics: {
        cpuUsPerEvent: ({ cpuMs, events }) => (cpuMs * 1000) / events,
        delayMsP50: ({ delayMs }) => delayMs.p50,
        delayMsP99: ({ delayMs }) => delayMs.p99,
        rssMb: ({ rssMb }) => rssMb,
      },
    },
  ];
}
