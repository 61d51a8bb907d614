import type { ConfigData } from "../config/data.ts";
import { formatDiagnostic } from "../config/diagnostic.ts";
import { findConfig, loadConfig } from "../config/load.ts";
import { type SeedsResult, simulateSeeds } from "../simulation/simulate-seeds.ts";
import { systemClock } from "../world/clock.ts";
import type { Command, CommandInput } from "./command.ts";
import { UsageError } from "./parse.ts";
import { drawTable } from "./table.ts";

const SEEDS = 1_000;

/** `omni simulate`. */
export const command: Command = {
  name: "simulate",
  summary:
    "Let providers fail in simulated time and see what the combos make of it. Same seeds, same result; calls nobody, reads no secret.",
  flags: {
    seeds: { type: "string", value: "N", summary: `How many scenarios. Default: ${SEEDS}, or 1 with --seed.` },
    seed: { type: "string", value: "S", summary: "The first one. Default: 1." },
    config: { type: "string", value: "FILE", summary: "The configuration. Default: omni.config.ts in this folder." },
    env: { type: "string", value: "NAME", summary: "Which of the configuration's environments to merge in. Default: OMNI_ENV." },
    generated: { type: "boolean", summary: "Make up a configuration for each seed. Without a configuration that is what is done." },
    json: { type: "boolean", summary: "Print JSON alone." },
  },
  examples: ["omni simulate", "omni simulate --generated --seeds 100", "omni simulate --seed 7 --json"],
  run,
};

async function run({ flags }: CommandInput): Promise<number> {
  const seed = wholeNumber(flags["seed"], "seed", 1);
  const seeds = wholeNumber(flags["seeds"], "seeds", flags["seed"] === undefined ? SEEDS : 1);
  const file = typeof flags["config"] === "string" ? flags["config"] : findConfig();
  const environment = typeof flags["env"] === "string" ? flags["env"] : process.env["OMNI_ENV"] || undefined;
  const config = flags["generated"] === true || file === undefined ? undefined : await load(file, environment);
  if (config === null) return 1;
  const startedMs = systemClock.nowMs();
  const result = await simulateSeeds({
    seed,
    seeds,
    config,
    ...(process.stderr.isTTY ? { progress: (done: number) => process.stderr.write(`\r${done} of ${seeds} …`) } : {}),
  });
  const tookMs = Math.round(systemClock.nowMs() - startedMs);
  if (flags["json"] === true) {
    console.log(JSON.stringify({ format: 1, seed, seeds, config: config === undefined ? "generated" : "file", ...result, tookMs }));
  } else console.log(textOf(result, seed, tookMs));
  return result.violations.length > 0 ? 1 : 0;
}

/** @returns null if it does not hold, which has been told then. */
async function load(file: string, environment: string | undefined): Promise<ConfigData | null> {
  const loaded = await loadConfig({ file, environment });
  if (loaded.ok) return loaded.data;
  const style = { folder: process.cwd(), paint: process.stderr.isTTY === true };
  for (const diagnostic of loaded.diagnostics) console.error(formatDiagnostic(diagnostic, style));
  return null;
}

function wholeNumber(flag: string | boolean | undefined, name: string, byDefault: number): number {
  if (flag === undefined) return byDefault;
  const number = Number(flag);
  if (!Number.isSafeInteger(number) || number < 1 || number > 1e9)
    throw new UsageError(`--${name} takes a whole number from 1`, `Try: omni simulate --${name} 100`);
  return number;
}

function textOf(result: SeedsResult, seed: number, tookMs: number): string {
  const { scenarios, requests, availability, attemptsPerRequest, recoveryMs, totalMs, failures, servedBy, costUsd, attemptsUnpriced } =
    result;
  const cost =
    attemptsUnpriced > 0 ? `$${costUsd.toFixed(4)}, and ${attemptsUnpriced} attempts of unknown price` : `$${costUsd.toFixed(4)}`;
  const lines = [
    `${scenarios} ${scenarios === 1 ? "scenario" : "scenarios"} from seed ${seed}, ${requests} requests, in ${(tookMs / 1000).toFixed(1)} s; digest ${result.digest}.`,
    "",
    `availability         ${(100 * availability).toFixed(3)} % of requests whose client stayed`,
    `attempts per request ${attemptsPerRequest.toFixed(3)}`,
    `cost                 ${cost}`,
    `whole answers        ${totalMs.p50} ms at p50, ${totalMs.p99} ms at p99`,
    `time to recover      ${recoveryMs.p50} ms at p50, ${recoveryMs.p99} ms at p99, at most ${recoveryMs.max} ms`,
    "",
    drawTable(
      [{ title: "served by" }, { title: "requests", align: "right" }],
      Object.entries(servedBy)
        .slice(0, 10)
        .map(([target, count]) => [target, String(count)]),
    ),
  ];
  const failed = Object.entries(failures);
  if (failed.length > 0) {
    lines.push(
      "",
      drawTable(
        [{ title: "failed with" }, { title: "requests", align: "right" }],
        failed.map(([code, count]) => [code, String(count)]),
      ),
    );
  }
  if (result.violations.length === 0) return [...lines, "", "Nothing that must hold was broken."].join("\n");
  for (const { seed: at, what, scenario } of result.violations)
    lines.push("", `BROKEN under seed ${at}: ${what}`, `  again: omni simulate --seed ${at}`, `  smallest: ${JSON.stringify(scenario)}`);
  return lines.join("\n");
}
