import { writeSync } from "node:fs";
import { type Diagnostic, formatDiagnostic, placeOf } from "../config/diagnostic.ts";
import type { ReloadOutcome } from "../server/admin.ts";
import { createLog, type Log } from "../telemetry/log.ts";
import type { Clock } from "../world/clock.ts";

/** What asks for the first configuration. */
export const START = "start";

/** Whether a person reads along. */
export function isTerminal(): boolean {
  return process.stderr.isTTY === true;
}

/** The program's log, on stderr. */
export function openLog(format: "json" | "pretty", clock: Clock, redact?: (line: string) => string): Log {
  return createLog({
    format,
    clock,
    colour: isTerminal() && !process.env["NO_COLOR"],
    write: (text) => void writeSync(2, text),
    ...(redact && { redact }),
  });
}

/** A refusal at the start is printed whole, since there is nothing else to look at; later ones are lines of the log. */
export function tellReload(log: Log, trigger: string, outcome: ReloadOutcome): void {
  if (trigger === START) return;
  const place = (diagnostic: Diagnostic): string | undefined => placeOf(diagnostic, process.cwd()) || undefined;
  if (outcome.type === "refused") {
    for (const diagnostic of outcome.refused.diagnostics) {
      if (diagnostic.severity === "warning") continue;
      const { code, what, fix } = diagnostic;
      log.write("error", "config refused, the one in force stays", {
        trigger,
        at: place(diagnostic),
        code,
        what,
        fix,
      });
    }
    return;
  }
  for (const warning of outcome.warnings)
    log.write("warn", "config", { at: place(warning), code: warning.code, what: warning.what, fix: warning.fix });
  log.write("info", `config ${outcome.type}`, { trigger, config: outcome.hash });
  if (outcome.restart.length > 0)
    log.write("warn", "config needs a restart to take effect whole", { config: outcome.hash, settings: outcome.restart.join(", ") });
}

/** What keeps a start from going on. */
export function printRefusal({ refused }: ReloadOutcome & { readonly type: "refused" }): void {
  printDiagnostics(refused.diagnostics);
  console.error("omni: cannot serve: the configuration has faults, see above. Look at all of it with: omni check");
}

/** Tells a person at a terminal. */
export function printDiagnostics(diagnostics: readonly Diagnostic[]): void {
  const style = { folder: process.cwd(), paint: isTerminal() && !process.env["NO_COLOR"] };
  for (const diagnostic of diagnostics) console.error(`${formatDiagnostic(diagnostic, style)}\n`);
}

/** What was thrown, with its stack if it has one. */
export function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
