import { isServed } from "./invariants.ts";
import type { SimulationRun } from "./run.ts";

/** What came of many scenarios, in figures. */
export interface SimulationSummary {
  readonly scenarios: number;
  readonly requests: number;
  /** Requests whose client stayed and whose provider found no fault with them: what availability is a part of. */
  readonly counted: number;
  readonly served: number;
  /** From 0 to 1. */
  readonly availability: number;
  readonly attempts: number;
  readonly attemptsPerRequest: number;
  /** US dollars for what was asked and written, by the prices that are known. */
  readonly costUsd: number;
  /** Attempts at models whose price is not known. */
  readonly attemptsUnpriced: number;
  /** How long after the last fault somebody still failed. Milliseconds. */
  readonly recoveryMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** From a request to the end of its answer, of those that were served. Milliseconds. */
  readonly totalMs: { readonly p50: number; readonly p99: number };
  /** How the rest ended, by the error's code. */
  readonly failures: Readonly<Record<string, number>>;
  /** Who served, by target. */
  readonly servedBy: Readonly<Record<string, number>>;
}

const INPUT_TOKENS = 20;

/** Adds up runs, one after the other. */
export class Summing {
  private scenarios = 0;
  private requests = 0;
  private counted = 0;
  private served = 0;
  private attempts = 0;
  private costMicroUsd = 0;
  private attemptsUnpriced = 0;
  private readonly recoveriesMs: number[] = [];
  private readonly totalsMs: number[] = [];
  private readonly failures: Record<string, number> = {};
  private readonly servedBy: Record<string, number> = {};
  private readonly hasher = new Bun.CryptoHasher("sha256");

  add(run: SimulationRun): void {
    this.scenarios++;
    this.requests += run.outcomes.length;
    this.attempts += run.settlements.reduce((sum, { attempts }) => sum + attempts.length, 0) - run.later.length;
    const faultsEndMs = Math.max(0, ...run.scenario.faults.map(({ untilMs }) => untilMs));
    let recoveryMs = 0;
    for (const outcome of run.outcomes) {
      const { end, status, code, startedMs, endedMs, target } = outcome;
      this.hasher.update(
        `${run.scenario.seed} ${end} ${status} ${code} ${target} ${startedMs} ${endedMs} ${outcome.attempts} ${outcome.text.length}\n`,
      );
      if (end === "left" || status === 400) continue;
      this.counted++;
      if (isServed(outcome)) {
        this.served++;
        this.totalsMs.push(endedMs - startedMs);
        if (target !== undefined) this.servedBy[target] = (this.servedBy[target] ?? 0) + 1;
        continue;
      }
      const name = code ?? "unknown";
      this.failures[name] = (this.failures[name] ?? 0) + 1;
      // Who came while there were faults and is only told afterwards is no sign of a slow recovery.
      if (startedMs >= faultsEndMs) recoveryMs = Math.max(recoveryMs, endedMs - faultsEndMs);
    }
    if (run.scenario.faults.length > 0) this.recoveriesMs.push(recoveryMs);
    this.addCosts(run);
  }

  /** The same for the same runs in the same order. */
  digest(): string {
    return this.hasher.copy().digest("hex").slice(0, 16);
  }

  summary(): SimulationSummary {
    this.recoveriesMs.sort((a, b) => a - b);
    this.totalsMs.sort((a, b) => a - b);
    return {
      scenarios: this.scenarios,
      requests: this.requests,
      counted: this.counted,
      served: this.served,
      availability: this.counted === 0 ? 1 : this.served / this.counted,
      attempts: this.attempts,
      attemptsPerRequest: this.requests === 0 ? 0 : this.attempts / this.requests,
      costUsd: this.costMicroUsd / 1e6,
      attemptsUnpriced: this.attemptsUnpriced,
      recoveryMs: { p50: at(this.recoveriesMs, 0.5), p99: at(this.recoveriesMs, 0.99), max: at(this.recoveriesMs, 1) },
      totalMs: { p50: at(this.totalsMs, 0.5), p99: at(this.totalsMs, 0.99) },
      failures: sorted(this.failures),
      servedBy: sorted(this.servedBy),
    };
  }

  private addCosts({ plan, seen }: SimulationRun): void {
    const rows = new Map(plan.targets.map(({ service, id }) => [service, id]));
    for (const { provider, model, outputTokens } of seen) {
      const row = rows.get(`${provider}/${model}`)!; // Only targets of the plan are asked.
      const inputPrice = plan.models.inputPrice[row]!; // Targets are rows.
      if (Number.isNaN(inputPrice)) this.attemptsUnpriced++;
      else this.costMicroUsd += INPUT_TOKENS * inputPrice + outputTokens * plan.models.outputPrice[row]!; // The same.
    }
  }
}

/** Of numbers that are sorted. */
function at(list: readonly number[], quantile: number): number {
  return Math.round(list[Math.min(Math.floor(list.length * quantile), list.length - 1)] ?? 0);
}

function sorted(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1)));
}
