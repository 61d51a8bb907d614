import { existsSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { ConfigData } from "./data.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { mergeEnvironment } from "./environment.ts";
import { evaluate } from "./evaluate.ts";
import { FAULTS, type Fault, fault } from "./fault.ts";
import { findInlinedSecrets } from "./inlined-secret.ts";
import { didYouMean } from "./nearest.ts";
import { withBuiltIn } from "./built-in-providers.ts";
import { withDefaults } from "./provider-defaults.ts";
import { Report } from "./report.ts";
import { type ConfigFile, isConfigFile, shapeFaults } from "./schema.ts";
import { withoutFaults } from "./sound-part.ts";
import { validate, validateEnvironments } from "./validate.ts";

/** Names that a configuration may have in a folder, the first one counts. */
export const CONFIG_NAMES: readonly string[] = ["omni.config.ts", "omni.config.json", "omni.config.yaml", "omni.config.yml"];

/** What to load. */
export interface LoadOptions {
  /** The file; relative to `folder`. Default: the first of `CONFIG_NAMES` that is there. */
  readonly file?: string | undefined;
  /** Default: the current folder. */
  readonly folder?: string;
  /** Which of the file's environments to merge in. Default: none. */
  readonly environment?: string | undefined;
  /** Checks every environment, not only the one that is asked for. Default false. */
  readonly everyEnvironment?: boolean;
  /** Ends it, for a loading that is newer. */
  readonly signal?: AbortSignal;
}

/** How loading ended. */
export type LoadResult = LoadedConfig | RefusedConfig;

/** A configuration that holds. */
export interface LoadedConfig {
  readonly ok: true;
  readonly data: ConfigData;
  /** The configuration's file, absolute, its symbolic links as they were given. */
  readonly file: string;
  /** The file and all that it imports: what to watch. */
  readonly files: readonly string[];
  /** The names of its environments. */
  readonly environments: readonly string[];
  /** What a person should know though nothing is refused. */
  readonly warnings: readonly Diagnostic[];
  /** For what is found later: knows where in the files things stand. */
  readonly report: Report;
}

/** A configuration that does not hold. */
export interface RefusedConfig {
  readonly ok: false;
  /** All that is wrong, sorted by place; one is an error at least. */
  readonly diagnostics: readonly Diagnostic[];
  /** Undefined if there is none. */
  readonly file: string | undefined;
  /** As far as they are known; worth watching for a mended version. */
  readonly files: readonly string[];
  /** For what is found later; undefined if there is no file. */
  readonly report: Report | undefined;
}

/**
 * Finds the configuration in a folder.
 * @returns An absolute path; undefined if there is none.
 */
export function findConfig(folder: string = process.cwd()): string | undefined {
  return CONFIG_NAMES.map((name) => join(folder, name)).find((file) => existsSync(file));
}

/**
 * Loads a configuration: finds it, evaluates it in a child process, and checks it whole. Reads no secret.
 * @throws What `signal` was aborted with; nothing else that is the operator's doing.
 */
export async function loadConfig(options: LoadOptions = {}): Promise<LoadResult> {
  const folder = options.folder ?? process.cwd();
  const file = options.file === undefined ? findConfig(folder) : resolve(folder, options.file);
  if (file === undefined || !existsSync(file))
    return { ok: false, diagnostics: [notFound(folder, options.file)], file: undefined, files: [], report: undefined };
  const evaluation = await evaluate(file, { signal: options.signal });
  const files = [...new Set([file, ...evaluation.files])];
  const report = new Report(file, evaluation);
  if (!evaluation.ok) return { ok: false, diagnostics: report.diagnostics(evaluation.faults), file, files, report };
  const { value } = evaluation;
  const ofShape = shapeFaults(value);
  const sound = ofShape.length === 0 ? value : withoutFaults(value, ofShape);
  const faults = [
    ...findInlinedSecrets(value).faults,
    ...ofShape,
    ...(isConfigFile(sound) ? withoutEchoes(faultsOf(sound, options), ofShape) : []),
  ];
  const diagnostics = report.diagnostics(faults);
  if (!isConfigFile(value) || diagnostics.some(({ severity }) => severity === "error"))
    return { ok: false, diagnostics, file, files, report };
  const data = withDefaults(withBuiltIn(mergeEnvironment(value, options.environment).data));
  return { ok: true, data, file, files, environments: Object.keys(value.environments ?? {}), warnings: diagnostics, report };
}

function faultsOf(file: ConfigFile, { environment, everyEnvironment }: LoadOptions): Fault[] {
  const known = Object.keys(file.environments ?? {});
  const faults: Fault[] = validateEnvironments(file);
  if (environment !== undefined && !known.includes(environment)) faults.push(unknownEnvironment(environment, known));
  const views = everyEnvironment === true ? [undefined, ...known] : [environment];
  for (const view of views) {
    const { data, origin } = mergeEnvironment(file, view);
    for (const found of validate(withBuiltIn(data))) faults.push({ ...found, path: origin(found.path) });
  }
  return faults;
}

/** What is empty, or lacks a secret, only because something of the wrong shape was taken out of it, is not empty and lacks none. */
function withoutEchoes(faults: readonly Fault[], ofShape: readonly Fault[]): Fault[] {
  const isAround = (path: readonly string[]): boolean =>
    ofShape.some((other) => path.length < other.path.length && path.every((key, depth) => other.path[depth] === key));
  return faults.filter(({ code, path }) => (code !== FAULTS.emptyList && code !== FAULTS.badKey) || !isAround(path));
}

function unknownEnvironment(environment: string, known: readonly string[]): Fault {
  const fix =
    didYouMean(environment, known) ??
    (known.length === 0 ? "it declares none; leave --env and OMNI_ENV out" : `there is: ${known.join(", ")}`);
  return fault("unknownEnvironment", ["environments"], `the configuration has no environment "${environment}"`, fix);
}

function notFound(folder: string, asked: string | undefined): Diagnostic {
  const what = asked === undefined ? `there is no ${CONFIG_NAMES[0]} in ${folder}` : `there is no file ${resolve(folder, asked)}`;
  const fix = asked === undefined ? "write one with: omni init" : "mend the path behind --config";
  return { code: FAULTS.notFound, severity: "error", what, fix };
}
/** The folder that relative paths of a configuration start at. */
export function folderOf(file: string): string {
  return dirname(realpathSync(file));
}
