import { readFileSync, writeSync } from "node:fs";
import { extname } from "node:path";
import * as config from "./config.ts";
import type { Diagnostic, Place } from "./diagnostic.ts";
import type { Evaluation } from "./evaluation.ts";
import { FAULTS, type Fault, fault } from "./fault.ts";
import { linesOf } from "./locate.ts";
import { didYouMean } from "./nearest.ts";

// Taken before the configuration runs, which may change what is global.
const { stringify } = JSON;

/** The channel to the parent: see evaluate.ts. */
const ANSWER = 3;

/**
 * Evaluates a configuration file in this very process, tells the parent what came of it, and ends.
 * @param file Absolute, its symbolic links resolved.
 */
export async function evaluateHere(file: string): Promise<never> {
  const { defineConfig, defineProviders, defineCombos, provider, secret } = config;
  Bun.plugin({
    name: "omni",
    setup: (build) =>
      void build.module("omni", () => ({ exports: { defineConfig, defineProviders, defineCombos, provider, secret }, loader: "object" })),
  });
  const own = new Set(Object.keys(require.cache));
  const answer = await evaluation(file, () => [
    ...new Set([file, ...Object.keys(require.cache).filter((key) => !own.has(key) && key.startsWith("/"))]),
  ]);
  writeWhole(`${stringify(answer)}\n`);
  process.exit(0);
}

async function evaluation(file: string, files: () => string[]): Promise<Evaluation> {
  try {
    const value = await readValue(file);
    const places: Record<string, Place> = {};
    const faults: Fault[] = [];
    const data = toData(value, { path: [], above: new Set(), places, faults });
    if (faults.length > 0) return { ok: false, diagnostics: [], faults, files: files() };
    return { ok: true, value: data, places, files: files() };
  } catch (thrown) {
    // Bun gathers several syntax errors in one.
    const errors: unknown[] = thrown instanceof AggregateError && thrown.errors.length > 0 ? thrown.errors : [thrown];
    return { ok: false, diagnostics: errors.map((error) => explain(error, file)), faults: [], files: files() };
  }
}

async function readValue(file: string): Promise<unknown> {
  const type = extname(file);
  // Not imported, because a key called `default` would be taken for the module's default export.
  if (type === ".json") return parseJson(file);
  if (type === ".yaml" || type === ".yml") return Bun.YAML.parse(readFileSync(file, "utf8"));
  const module: { readonly default?: unknown } = await import(file);
  if (module.default === undefined) throw new NoDefault();
  return module.default;
}

class NoDefault extends Error {}

/** The engine's parser does not say where a fault is. */
function parseJson(file: string): unknown {
  const text = readFileSync(file, "utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = jsonFaultIn(text);
    throw position === undefined ? error : Object.assign(error as Error, { position: { file, ...position } }); // JSON.parse throws errors only.
  }
}

/** Where a text stops being JSON: what JavaScript, which is more, would take offence at as well, or what JSON lacks. */
function jsonFaultIn(text: string): { readonly line: number; readonly column: number } | undefined {
  for (const match of text.matchAll(/"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])|\/[/*]|'/g)) {
    if (match[0].startsWith('"')) continue;
    const before = linesOf(text.slice(0, match.index));
    return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
  }
  try {
    new Bun.Transpiler({ loader: "ts" }).transformSync(`(\n${text}\n)`);
  } catch (error) {
    const [first]: readonly Thrown[] = error instanceof AggregateError ? error.errors : [error];
    if (first?.position) return { line: first.position.line - 1, column: first.position.column };
  }
  return undefined;
}

interface Walk {
  readonly path: readonly string[];
  readonly above: Set<object>;
  readonly places: Record<string, Place>;
  readonly faults: Fault[];
}

/** Copies plain data; takes note of everything else, and of where objects were made. */
function toData(value: unknown, walk: Walk): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) return value;
  if (typeof value !== "object" || !isPlain(value)) return refuse(value, walk);
  if (walk.above.has(value)) return refuse(value, walk, "refers back to something that it is a part of");
  const stack = config.stackOf(value);
  const place = stack === undefined ? undefined : placeIn(stack);
  if (place !== undefined) walk.places[walk.path.map((key) => `/${key}`).join("")] = place;
  walk.above.add(value);
  const part = (item: unknown, key: string): unknown => toData(item, { ...walk, path: [...walk.path, key] });
  const data = Array.isArray(value)
    ? // By index, since a list with holes would hide them from `map`.
      Array.from(value, (item, index) => part(item, String(index)))
    : Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, part(item, key)]])));
  walk.above.delete(value);
  return data;
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  // A module namespace has no prototype either, and is as good as an object.
  return prototype === Object.prototype || prototype === null;
}

function refuse(value: unknown, { path, faults }: Walk, instead?: string): undefined {
  const where = path.length === 0 ? "the configuration" : path.join(".");
  const isFunction = typeof value === "function";
  const what = `${where} ${instead ?? `is ${nameOf(value)}`}${isFunction ? ", and functions are not supported yet" : ""}`;
  const fix = isFunction
    ? "call it and put in what it gives: a configuration is data, that is texts, numbers, lists and objects"
    : "write data instead: texts, numbers, true or false, lists and plain objects";
  faults.push(fault("notData", path, what, fix));
  return undefined;
}

function nameOf(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (typeof value !== "object" || value === null) return `${typeof value === "undefined" ? "" : "a "}${typeof value}`;
  return `an object of class ${value.constructor?.name ?? "unknown"}`;
}

/** The parts of Bun's errors that say where something is; its classes are not to be had by name. */
interface Thrown {
  readonly name?: string;
  readonly message?: string;
  readonly stack?: string;
  readonly position?: (Place & { readonly lineText?: string }) | null;
  readonly specifier?: string;
  readonly referrer?: string;
}

function explain(thrown: unknown, file: string): Diagnostic {
  const error: Thrown = typeof thrown === "object" && thrown !== null ? thrown : { message: String(thrown) };
  const message = (error.message ?? String(thrown)).split("\n")[0] ?? "";
  const severity = "error";
  if (thrown instanceof NoDefault)
    return {
      code: FAULTS.gaveNothing,
      severity,
      file,
      line: 1,
      column: 1,
      what: "the configuration exports nothing by default",
      fix: "write export default defineConfig({ … })",
    };
  if (error.name === "ResolveMessage") return importMissing(error, file);
  if (error.position) {
    const { file: at, line, column, lineText } = error.position;
    return {
      code: FAULTS.syntax,
      severity,
      file: at || file,
      line,
      column,
      lineText,
      what: `syntax: ${message}`,
      fix: "mend the text around this place",
    };
  }
  const missingExport = /^Export named '(.+)' not found in module '(.+)'/.exec(message);
  if (missingExport) return exportMissing(missingExport[1] ?? "", missingExport[2] ?? "", file);
  const isSyntax = thrown instanceof SyntaxError;
  return {
    code: isSyntax ? FAULTS.syntax : FAULTS.threw,
    severity,
    ...(placeIn(error.stack ?? "") ?? { file, ...positionIn(message) }),
    what: isSyntax ? `syntax: ${message}` : `the configuration threw ${error.name ?? "something"}: ${message}`,
    fix: fixFor(message),
  };
}

function importMissing({ specifier = "", referrer }: Thrown, file: string): Diagnostic {
  const at = referrer ?? file;
  const isPackage = !/^[./]/.test(specifier);
  return {
    code: FAULTS.importMissing,
    severity: "error",
    file: at,
    ...literalIn(at, specifier),
    what: `there is no ${isPackage ? "package" : "file"} "${specifier}"`,
    fix: isPackage
      ? 'import from "omni" and from files of your own; packages have to be installed beside the configuration'
      : "mend the path; it starts at the file that it stands in",
  };
}

function exportMissing(name: string, module: string, file: string): Diagnostic {
  const known = module === "omni" ? ["defineConfig", "defineProviders", "defineCombos", "provider", "secret"] : [];
  return {
    code: FAULTS.importMissing,
    severity: "error",
    file,
    ...literalIn(file, name),
    what: `"${module}" exports no "${name}"`,
    fix: didYouMean(name, known) ?? "export it there, or import what is exported",
  };
}

function fixFor(message: string): string {
  const [, factory] = /\bprovider\.(\w+) is not a function/.exec(message) ?? [];
  const known = Object.keys(config.provider);
  if (factory !== undefined) return didYouMean(factory, known) ?? `what there is: ${known.map((name) => `provider.${name}`).join(", ")}`;
  if (/\bprocess\.env\b|\benv\b/.test(message)) return 'a configuration sees no variables but a few; for secrets, write secret.env("NAME")';
  return "mend the expression at this place";
}

/** The first place in a stack that is in the operator's files. */
function placeIn(stack: string): Place | undefined {
  for (const line of stack.split("\n")) {
    const [, file, row, column] = /(?:\(|at (?:async )?)(\/[^()]*?):(\d+):(\d+)\)?$/.exec(line.trim()) ?? [];
    if (file === undefined || file.startsWith("/$bunfs/") || file.startsWith(import.meta.dir)) continue;
    return { file, line: Number(row), column: Number(column) };
  }
  return undefined;
}

function positionIn(message: string): { readonly line?: number; readonly column?: number } {
  const [, line, column] = /\bline (\d+)(?:,? column (\d+))?/i.exec(message) ?? [];
  return { ...(line !== undefined && { line: Number(line) }), ...(column !== undefined && { column: Number(column) }) };
}

/** Where a word first stands in a file. */
function literalIn(file: string, word: string): { readonly line?: number; readonly column?: number } {
  try {
    for (const [index, line] of linesOf(readFileSync(file, "utf8")).entries()) {
      const column = new RegExp(`(?<![\\w$])${RegExp.escape(word)}(?![\\w$])`).exec(line)?.index;
      // TypeScript, too, points at the opening quote.
      if (column !== undefined) return { line: index + 1, column: /["'`]/.test(line[column - 1] ?? "") ? column : column + 1 };
    }
  } catch {
    // The file may be gone by now; then there is no line to point to.
  }
  return {};
}

/** Writes all of it, though the channel may take it in pieces only. */
function writeWhole(text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(ANSWER, bytes, written);
    } catch (error) {
      // The parent reads on; there is nothing else to do here meanwhile.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}
