import { readFileSync, realpathSync } from "node:fs";
import { byPlace, type Diagnostic, type Place } from "./diagnostic.ts";
import type { Evaluation } from "./evaluation.ts";
import { FAULTS, type Fault } from "./fault.ts";
import { findInlinedSecrets, maskSecrets } from "./inlined-secret.ts";
import { Locator, linesOf, type Source } from "./locate.ts";

/** Turns faults of the data into diagnostics of the files, and hides secrets in both. */
export class Report {
  readonly #file: string;
  readonly #evaluation: Evaluation;
  readonly #secrets: readonly string[];
  // Only looked into when something is wrong.
  #sources: readonly Source[] | undefined;
  #locator: Locator | undefined;

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
    this.#locator ??= new Locator(this.#read());
    const written = this.#locator.find(path, this.#evaluation.ok ? valueAt(this.#evaluation.value, path) : undefined);
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
