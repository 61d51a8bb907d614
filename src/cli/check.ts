import { declaredProviders } from "../config/built-in-providers.ts";
import { type CheckResult, checkConfig } from "../config/check-config.ts";
import type { ConfigData } from "../config/data.ts";
import { type Diagnostic, formatDiagnostic, shortPath } from "../config/diagnostic.ts";
import { refreshDeclarations } from "../config/editor-files.ts";
import { folderOf } from "../config/load.ts";
import { PROVIDERS } from "../providers/index.ts";
import { type ComboLoss, comboLosses, unevenCombos } from "../routing/combo-losses.ts";
import { compile } from "../routing/compile.ts";
import type { Plan } from "../routing/plan.ts";
import { type WorstCase, worstCases } from "../routing/worst-case.ts";
import { bridgeOf } from "../wire/bridge.ts";
import { WIRES } from "../wire/index.ts";
import type { Command } from "./command.ts";
import { drawTable } from "./table.ts";

/** `omni check`. */
export const command: Command = {
  name: "check",
  summary: "Find everything that is wrong with the configuration, types included. Reads no secret and calls nobody.",
  flags: {
    config: { type: "string", value: "FILE", summary: "The configuration. Default: omni.config.ts in this folder." },
    env: {
      type: "string",
      value: "NAME",
      summary: "Check this environment. Default: OMNI_ENV, or the configuration and every environment.",
    },
    json: { type: "boolean", summary: "Print JSON alone." },
    secrets: { type: "boolean", summary: "Also try to read every secret, here and now." },
    losses: {
      type: "boolean",
      summary: "Also show what requests to each combo would lose at which target, by the format that the client speaks.",
    },
    "no-types": { type: "boolean", summary: "Leave out the type checker." },
  },
  examples: ["omni check", "omni check --losses", "omni check --env production --secrets", "omni check --json"],
  run: async ({ flags }) => {
    const folder = process.cwd();
    const result = await checkConfig({
      folder,
      file: textOf(flags["config"]),
      environment: textOf(flags["env"]) ?? (process.env["OMNI_ENV"] || undefined),
      types: flags["no-types"] !== true,
      secrets: flags["secrets"] === true,
    });
    if (result.loaded.file !== undefined) await refreshDeclarations(folderOf(result.loaded.file));
    const plan = result.loaded.ok ? compile(result.loaded.data, { definitions: PROVIDERS, wires: WIRES, bridgeOf }) : undefined;
    const checked = result.loaded.ok && plan !== undefined ? countsOf(result.loaded.data, result.loaded.environments, plan) : undefined;
    const losses = plan === undefined ? [] : comboLosses(plan).filter(({ combo }) => isDeclared(combo, result));
    const worst = plan === undefined ? [] : worstCases(plan).filter(({ combo }) => isDeclared(combo, result));
    if (flags["json"] === true)
      console.log(JSON.stringify(jsonOf(result, checked, folder, flags["losses"] === true ? losses : undefined, worst)));
    else {
      const texts = plan === undefined ? [] : [lossesText(plan, losses, flags["losses"] === true), worstText(worst)];
      print(result, checked, folder, texts.filter((text) => text !== "").join("\n\n"));
    }
    return result.ok ? 0 : 1;
  },
};

/** How much there was to check. */
interface Counts {
  readonly providers: number;
  readonly combos: number;
  readonly environments: number;
  /** Names that a client may send lead to so many different routes. */
  readonly routes: number;
}

/** Combos that come by themselves stand for everything there is; nobody asks what is lost there. */
function isDeclared(combo: string, { loaded }: CheckResult): boolean {
  return loaded.ok && Object.hasOwn(loaded.data.combos ?? {}, combo);
}

function countsOf(data: ConfigData, environments: readonly string[], plan: Plan): Counts {
  return {
    providers: declaredProviders(data),
    combos: Object.keys(data.combos ?? {}).length,
    environments: environments.length,
    routes: plan.routes.length,
  };
}

function textOf(flag: string | boolean | undefined): string | undefined {
  return typeof flag === "string" ? flag : undefined;
}

function jsonOf(
  { ok, loaded, diagnostics }: CheckResult,
  checked: Counts | undefined,
  folder: string,
  losses: readonly ComboLoss[] | undefined,
  worst: readonly WorstCase[],
): object {
  return {
    format: 1,
    ok,
    file: loaded.file === undefined ? null : shortPath(loaded.file, folder),
    checked: checked ?? null,
    ...(losses && { losses }),
    worst: worst.map((each) => ({ ...each, usd: each.usd ?? null })),
    diagnostics: diagnostics.map(({ file, line, column, code, what, fix, severity }) => ({
      file: file === undefined ? null : shortPath(file, folder),
      line: line ?? null,
      column: column ?? null,
      code,
      what,
      fix: fix ?? null,
      severity,
    })),
  };
}

function print({ ok, loaded, diagnostics }: CheckResult, checked: Counts | undefined, folder: string, losses: string): void {
  const paint = process.stdout.isTTY === true && !process.env["NO_COLOR"];
  for (const diagnostic of diagnostics) console.log(`${formatDiagnostic(diagnostic, { folder, paint })}\n`);
  if (process.env["GITHUB_ACTIONS"] === "true") for (const diagnostic of diagnostics) console.log(annotationOf(diagnostic, folder));
  if (ok && checked !== undefined && loaded.file !== undefined) {
    const { providers, combos, environments, routes } = checked;
    const counts = [amount(providers, "provider"), amount(combos, "combo"), amount(routes, "route")];
    if (environments > 0) counts.push(amount(environments, "environment"));
    if (losses !== "") console.log(`${losses}\n`);
    console.log(`${shortPath(loaded.file, folder)} holds: ${counts.join(", ")}. Start it with: omni serve`);
  } else {
    console.log(`${amount(diagnostics.filter(({ severity }) => severity === "error").length, "error")}. Mend and try again: omni check`);
  }
}

/** All of it as a table, or a hint at what it may be worth to look at. */
function lossesText(plan: Plan, losses: readonly ComboLoss[], all: boolean): string {
  if (all && losses.length > 0) {
    const columns = [{ title: "combo" }, { title: "target" }, { title: "clients of" }, { title: "may lose" }];
    return drawTable(
      columns,
      losses.map(({ combo, target, formats, lost }) => [combo, target, formats.join(", "), lost.join(", ")]),
    );
  }
  const known = new Set(losses.map(({ combo }) => combo));
  const uneven = unevenCombos(plan, losses).filter((combo) => known.has(combo));
  if (uneven.length === 0) return "";
  return `Not all targets have a place for all that a request may say, in ${uneven.join(", ")}. What would be lost where: omni check --losses`;
}

/** What one request can come to at most. */
function worstText(worst: readonly WorstCase[]): string {
  if (worst.length === 0) return "";
  const columns = [
    { title: "combo" },
    { title: "targets", align: "right" as const },
    { title: "attempts at most", align: "right" as const },
    { title: "time at most", align: "right" as const },
    { title: "US dollars at most, per 1000 tokens in and out", align: "right" as const },
  ];
  return drawTable(
    columns,
    worst.map(({ combo, operation, targets, attempts, deadlineMs, usd }) => [
      operation === "chat" ? combo : `${combo} (${operation})`,
      String(targets),
      String(attempts),
      `${deadlineMs / 1000} s`,
      usd === undefined ? "unknown" : usd.toFixed(4),
    ]),
  );
}

/** What GitHub shows beside the line in a pull request. */
function annotationOf({ severity, file, line, column, code, what, fix }: Diagnostic, folder: string): string {
  const place = file === undefined ? [] : [`file=${property(shortPath(file, folder))}`];
  if (line !== undefined) place.push(`line=${line}`);
  if (column !== undefined) place.push(`col=${column}`);
  return `::${severity} ${[...place, `title=${property(code)}`].join(",")}::${message(fix === undefined ? what : `${what}\n${fix}`)}`;
}

/** https://docs.github.com/actions/reference/workflow-commands-for-github-actions: both have characters of their own to escape. */
function message(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return message(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

function amount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
