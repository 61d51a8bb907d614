import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { ConfigData } from "./data.ts";
import { byPlace, type Diagnostic, type Place } from "./diagnostic.ts";
import { mergeEnvironment } from "./environment.ts";
import { evaluate } from "./evaluate.ts";
import type { Evaluation } from "./evaluation.ts";
import { FAULTS, type Fault, fault } from "./fault.ts";
import { findInlinedSecrets, maskSecrets } from "./inlined-secret.ts";
import { linesOf, Locator, type Source } from "./locate.ts";
import { didYouMean } from "./nearest.ts";
import { withDefaults } from "./provider-defaults.ts";
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
  const data = withDefaults(mergeEnvironment(value, options.environment).data);
  return { ok: true, data, file, files, environments: Object.keys(value.environments ?? {}), warnings: diagnostics, report };
}

function faultsOf(file: ConfigFile, { environment, everyEnvironment }: LoadOptions): Fault[] {
  const known = Object.keys(file.environments ?? {});
  const faults: Fault[] = validateEnvironments(file);
  if (environment !== undefined && !known.includes(environment)) faults.push(unknownEnvironment(environment, known));
  const views = everyEnvironment === true ? [undefined, ...known] : [environment];
  for (const view of views) {
    const { data, origin } = mergeEnvironment(file, view);
    for (const found of validate(data)) faults.push({ ...found, path: origin(found.path) });
  }
  return faults;
}

/** What is empty only because something of the wrong shape was taken out of it, is not empty. */
function withoutEchoes(faults: readonly Fault[], ofShape: readonly Fault[]): Fault[] {
  const isAround = (path: readonly string[]): boolean =>
    ofShape.some((other) => path.length < other.path.length && path.every((key, depth) => other.path[depth] === key));
  return faults.filter(({ code, path }) => code !== FAULTS.emptyList || !isAround(path));
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

/** Turns faults of the data into diagnostics of the files, and hides secrets in both. */
export class Report {
  readonly #file: string;
  readonly #evaluation: Evaluation;
  readonly #secrets: readonly string[];
  #sources: readonly Source[] | undefined;

  constructor(file: string, evaluation: Evaluation) {
    this.#file = realpathSync(file);
    this.#evaluation = evaluation;
    this.#secrets = evaluation.ok ? findInlinedSecrets(evaluation.value).values : [];
  }

  /** Those of the evaluation and the given ones: one for each place and thing, sorted. */
  diagnostics(faults: readonly Fault[]): Diagnostic[] {
    const own = this.#evaluation.ok ? [] : this.#evaluation.diagnostics;
    // What stands where a secret belongs is no reference either; the sentence about the secret says it all.
    const secretAt = new Set(faults.filter(({ code }) => code === FAULTS.inlinedSecret).map(({ path }) => path.join("/")));
    const told = faults.filter(({ code, path }) => code === FAULTS.inlinedSecret || !secretAt.has(path.join("/")));
    const all = [...own, ...told.map((found) => this.#diagnostic(found))].map((diagnostic) => this.complete(diagnostic));
    const unique = new Map(
      all.map((diagnostic) => [JSON.stringify([diagnostic.file, diagnostic.line, diagnostic.column, diagnostic.what]), diagnostic]),
    );
    return [...unique.values()].sort(byPlace);
  }

  #diagnostic({ code, severity, path, what, fix }: Fault): Diagnostic {
    return { code, severity, what, fix, file: this.#file, ...this.#place(path) };
  }

  #place(path: readonly string[]): Place | undefined {
    const locator = new Locator(this.#read());
    const written = locator.find(path, this.#evaluation.ok ? valueAt(this.#evaluation.value, path) : undefined);
    if (written?.whole) return written.place;
    // A call leads at least to the right provider, however its options were put together.
    for (let depth = path.length; depth > (written?.depth ?? 0) && this.#evaluation.ok; depth--) {
      const made =
        this.#evaluation.places[
          path
            .slice(0, depth)
            .map((key) => `/${key}`)
            .join("")
        ];
      if (made !== undefined) return made;
    }
    return written?.place;
  }

  /** Adds the line that a diagnostic speaks of, and hides what is secret in all of it. */
  complete(diagnostic: Diagnostic): Diagnostic {
    const { file, line } = diagnostic;
    const text = line === undefined ? undefined : (diagnostic.lineText ?? linesOf(this.#textOf(file))[line - 1]);
    const mask = (shown: string): string => maskSecrets(shown, this.#secrets);
    return {
      ...diagnostic,
      what: mask(diagnostic.what),
      fix: diagnostic.fix === undefined ? undefined : mask(diagnostic.fix),
      ...(text !== undefined && { lineText: mask(text) }),
    };
  }

  #textOf(file: string | undefined): string {
    return this.#read().find((source) => source.file === file)?.text ?? (file === undefined ? "" : readText(file));
  }

  #read(): readonly Source[] {
    this.#sources ??= [this.#file, ...this.#evaluation.files.filter((file) => file !== this.#file && isOperators(file))].map((file) => ({
      file,
      text: readText(file),
    }));
    return this.#sources;
  }
}

function isOperators(file: string): boolean {
  return /\.(?:[cm]?[jt]s|json|ya?ml)$/.test(file) && !file.includes("/node_modules/");
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Gone since it was evaluated: then the message has to do without the line.
    return "";
  }
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined), value);
}

/** The folder that relative paths of a configuration start at. */
export function folderOf(file: string): string {
  return dirname(realpathSync(file));
}
