import { figureOf, type SuiteReport } from "./figures.ts";
import { NoiseMeter } from "./machine.ts";
import { accountingCases } from "./micro/accounting.ts";
import { bytesCases } from "./micro/bytes.ts";
import { routingCases } from "./micro/routing.ts";
import { sseCases } from "./micro/sse.ts";
import { type MicroCase, timeRounds } from "./micro/timing.ts";
import { wireEventCases, wireRequestCases } from "./micro/wire.ts";
import type { Pace } from "./pace.ts";

/** The pieces that every exchange goes through, timed alone, in this process. */
export function runMicro({ rounds, microMs }: Pace, progress: (text: string) => void): SuiteReport {
  const groups: readonly (readonly [scenario: string, about: string, cases: readonly MicroCase[]])[] = [
    ["bytes", "a chat request's body", bytesCases()],
    ["sse", "events of a stream on its way", sseCases()],
    ["routing", "a plan of some thousand names", routingCases()],
    ["wire requests", "32 KiB, by the formats of client → provider", wireRequestCases()],
    ["wire events", "a few letters of a stream, by the formats of client → provider", wireEventCases()],
    ["accounting", "keys, limits, budgets and the ledger", accountingCases()],
  ];
  const reports = groups.map(([scenario, about, cases]): SuiteReport => {
    progress(`micro: ${scenario}`);
    const meter = new NoiseMeter([process.pid]);
    const seen = timeRounds(cases, rounds, microMs);
    const figures = cases.map(({ name }, at) => figureOf("micro", scenario, name, "nsPerCall", seen[at] ?? []));
    return { scenarios: [{ suite: "micro", scenario, about, noise: meter.read(), failures: 0, loadCpuUs: null }], figures };
  });
  return { scenarios: reports.flatMap(({ scenarios }) => scenarios), figures: reports.flatMap(({ figures }) => figures) };
}
