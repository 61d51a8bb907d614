import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { byPlace, type Diagnostic } from "./diagnostic.ts";
import { FAULTS, type Fault, fault } from "./fault.ts";
import { findConfig, folderOf, type LoadOptions, type LoadResult, loadConfig } from "./load.ts";
import { describeSecret, readSecret } from "./read-secret.ts";
import type { SecretReference } from "./secret.ts";
import { typeCheck } from "./type-check.ts";

/** What to look at besides shape and meaning. */
export interface CheckOptions extends LoadOptions {
  /** Default true. */
  readonly types?: boolean;
  /** Whether every secret can be read here and now. Default false. */
  readonly secrets?: boolean;
}

/** Everything that was found. */
export interface CheckResult {
  readonly loaded: LoadResult;
  /** Sorted by place, at most one for the same mistake. */
  readonly diagnostics: readonly Diagnostic[];
  /** Whether none of them is an error. */
  readonly ok: boolean;
}

/** Looks at a configuration from every side at once: types, shape, meaning and, if wanted, secrets. */
export async function checkConfig({ types = true, secrets = false, ...options }: CheckOptions = {}): Promise<CheckResult> {
  const file = options.file === undefined ? findConfig(options.folder) : resolve(options.folder ?? process.cwd(), options.file);
  const [loaded, ofTypes] = await Promise.all([
    loadConfig({ everyEnvironment: options.environment === undefined, ...options }),
    types && file !== undefined && existsSync(file) ? typeCheck(file) : [],
  ]);
  const found = loaded.ok ? loaded.warnings : loaded.diagnostics;
  const { report } = loaded;
  const typed = report === undefined ? [] : ofTypes.map((diagnostic) => report.complete(diagnostic));
  const unresolved = secrets && loaded.ok ? loaded.report.diagnostics(await secretFaults(loaded.data, folderOf(loaded.file))) : [];
  const diagnostics = [...withoutTwins(found, typed), ...unresolved].sort(byPlace);
  return { loaded, diagnostics, ok: !diagnostics.some(({ severity }) => severity === "error") };
}

/** Most mistakes are seen by the types and by the check at run time. Of each pair, the one is kept that knows more. */
export function withoutTwins(found: readonly Diagnostic[], typed: readonly Diagnostic[]): Diagnostic[] {
  const keptTyped = typed.filter((ofTypes) => !found.some((own) => isTwin(own, ofTypes)));
  // What is thrown follows from what the types have found wrong there, and says less.
  const keptFound = found.filter((own) => own.code !== FAULTS.threw || !keptTyped.some((ofTypes) => isSameLine(own, ofTypes)));
  return [...keptFound, ...keptTyped];
}

function isTwin(own: Diagnostic, ofTypes: Diagnostic): boolean {
  if (own.file !== ofTypes.file) return false;
  if (own.code === FAULTS.syntax) return /^TS1\d{3}$/.test(ofTypes.code);
  if (!isSameLine(own, ofTypes)) return false;
  if (own.code === FAULTS.importMissing) return /^TS2(?:305|307|614|724)$/.test(ofTypes.code);
  // Types point at the whole argument, the check at the provider's name.
  if (own.code === FAULTS.missing) return ofTypes.what.endsWith("is missing here");
  // Of a function, types speak where it begins, or even of what it gives back.
  if (own.code === FAULTS.notData) return true;
  return own.column === ofTypes.column;
}

function isSameLine(a: Diagnostic, b: Diagnostic): boolean {
  return a.file === b.file && a.line === b.line;
}

async function secretFaults(data: unknown, folder: string): Promise<Fault[]> {
  const faults = referencesIn(data, []).map(async ({ reference, path }): Promise<Fault[]> => {
    try {
      await readSecret(reference, { folder });
      return [];
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return [fault("secretUnresolved", path, reason, `make sure that this is there: ${describeSecret(reference)}`)];
    }
  });
  return (await Promise.all(faults)).flat();
}

function referencesIn(
  value: unknown,
  path: readonly string[],
): { readonly reference: SecretReference; readonly path: readonly string[] }[] {
  if (typeof value !== "object" || value === null) return [];
  // The data has been checked: only secrets have this key.
  if ("$secret" in value) return [{ reference: value as SecretReference, path }];
  return Object.entries(value).flatMap(([key, part]) => referencesIn(part, [...path, key]));
}
