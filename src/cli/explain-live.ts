import { styleText } from "node:util";
import type { LiveExplanation, LiveTarget } from "../gateway/report-health.ts";
import type { Hindrance } from "../resilience/target-state.ts";
import { drawTable } from "./table.ts";

const WORDS: Readonly<Record<Hindrance["what"], string>> = {
  circuit_of_model: "its circuit is open",
  circuit_of_provider: "the circuit of its provider is open",
  target_rests: "it asked to be left alone",
  account_rests: "its key was refused",
  full: "as much is under way there as is allowed",
};

/** Why a target could not be asked, in words. */
export function hindrancesText(hindrances: readonly Hindrance[], lastFailure: string | undefined): string {
  const parts = hindrances.map(({ what, waitMs }) => `${WORDS[what]}${waitMs > 0 ? `, again in ${(waitMs / 1000).toFixed(1)} s` : ""}`);
  const after = lastFailure === undefined || hindrances.length === 0 ? "" : ` (after ${lastFailure})`;
  return parts.join("; ") + after;
}

/** What a running gateway says of a name, for people. */
export function liveText({ operation, route, strategy, config, targets }: LiveExplanation): string {
  const columns: Parameters<typeof drawTable>[0] = [
    { title: "now", align: "right" },
    { title: "target" },
    { title: "state" },
    { title: "under way", align: "right" },
    { title: "latency", align: "right" },
    { title: "limit left", align: "right" },
  ];
  const inOrder = [...targets].sort((a, b) => (a.place ?? Number.POSITIVE_INFINITY) - (b.place ?? Number.POSITIVE_INFINITY));
  return [
    `${styleText("bold", route)}  (${strategy}, ${operation}), by the configuration ${config} that is in force`,
    "",
    drawTable(columns, inOrder.map(cellsOf)),
  ].join("\n");
}

function cellsOf({ name, place, state }: LiveTarget): string[] {
  const { hindrances, isOnTrial, share, lastFailure, inFlight, latencyMs, headroom } = state;
  const text =
    hindrances.length > 0
      ? hindrancesText(hindrances, lastFailure)
      : isOnTrial
        ? "on trial: its circuit was open, and one attempt may go to see"
        : share < 1
          ? `coming back: gets ${Math.round(100 * share)} % of its part`
          : place === undefined
            ? "not for such a request"
            : "ready";
  return [
    place === undefined ? "—" : `${place}.`,
    name,
    text,
    String(inFlight),
    latencyMs === undefined ? "" : `${Math.round(latencyMs)} ms`,
    headroom === undefined ? "" : `${Math.round(100 * headroom)} %`,
  ];
}
