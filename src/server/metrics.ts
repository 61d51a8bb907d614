import { Gauge, type GaugeValue, type Metric } from "../telemetry/metrics.ts";
import type { ServerContext } from "./context.ts";
import type { Endpoint } from "./endpoint.ts";
import { stampHeaders } from "./reply.ts";

/** `GET /metrics`, for Prometheus and what reads its format. What is looked at only then costs requests nothing. */
export function metricsEndpoints(context: ServerContext): readonly Endpoint[] {
  const gauges = gaugesOf(context);
  return [
    {
      method: "GET",
      path: "/metrics",
      access: "admin",
      detail: { tag: "Status", summary: "Counters, in the text format of Prometheus" },
      answer: () => {
        const all = [...(context.gateway.meter?.metrics ?? []), ...gauges];
        const type = "text/plain; version=0.0.4; charset=utf-8";
        return new Response(all.map((metric) => metric.text()).join(""), {
          headers: stampHeaders(context.stamp(), { "content-type": type, "cache-control": "no-store" }),
        });
      },
    },
  ];
}

function gaugesOf({ gateway, version, world, startedEpochMs, webhooks }: ServerContext): readonly Metric[] {
  const targets = (value: (id: number) => number): readonly GaugeValue[] =>
    (gateway.plan?.targets ?? []).map(({ id, name }) => [value(id), { target: name }]);
  const nowMs = (): number => world.clock.nowMs();
  return [
    new Gauge("omni_exchanges_pending", "Exchanges under way.", () => [[gateway.pending]]),
    new Gauge("omni_target_in_flight", "Attempts under way, by target.", () => targets((id) => gateway.health?.inFlight(id) ?? 0)),
    new Gauge("omni_breaker_state", "0: a target may be asked. 2: it is left alone after failures.", () =>
      targets((id) => (gateway.health?.isBroken(id, nowMs()) === true ? 2 : 0)),
    ),
    new Gauge("omni_target_available", "1: a target may be asked now. 0: it rests, is full, or is left alone.", () =>
      targets((id) => (gateway.health?.allows(id, nowMs()) === true ? 1 : 0)),
    ),
    new Gauge("omni_budget_spent_usd", "What was spent of a budget in its period, reservations included.", () =>
      (gateway.budgetStandings() ?? []).map(({ rule, subject, nanoUsd }) => [nanoUsd / 1e9, { budget: rule, subject }]),
    ),
    new Gauge("omni_budget_remaining_usd", "What is left of a budget in its period.", () =>
      (gateway.budgetStandings() ?? []).map(({ rule, subject, leftNanoUsd }) => [leftNanoUsd / 1e9, { budget: rule, subject }]),
    ),
    new Gauge("omni_ledger_up", "Whether attempts are taken down: 1 if they are, 0 if the disk refuses or there is no ledger.", () => {
      const state = gateway.ledger?.state;
      return [[state === undefined || state.journalFailure !== undefined ? 0 : 1]];
    }),
    new Gauge("omni_ledger_backlog_bytes", "What waits for the ledger's tables.", () => [[gateway.ledger?.state.backlogBytes ?? 0]]),
    new Gauge("omni_ledger_lost_total", "Records that there was no room for.", () => [[gateway.ledger?.state.lost ?? 0]], "counter"),
    new Gauge(
      "omni_webhook_deliveries_total",
      "What others were told, by what came of it.",
      () => Object.entries(webhooks?.state ?? {}).map(([outcome, count]) => [count, { outcome }]),
      "counter",
    ),
    new Gauge("omni_config_info", "The configuration in force.", () => [[1, { hash: gateway.plan?.hash ?? "none" }]]),
    new Gauge("omni_build_info", "Which Omni this is.", () => [[1, { version }]]),
    new Gauge("process_start_time_seconds", "When the process began to serve, in seconds since 1970.", () => [[startedEpochMs / 1000]]),
    new Gauge("process_resident_memory_bytes", "Memory that the process occupies.", () => [[process.memoryUsage.rss()]]),
    new Gauge("process_cpu_seconds_total", "CPU time of the process, all threads together.", () => [[cpuSeconds()]], "counter"),
  ];
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
