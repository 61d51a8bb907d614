import { readFileSync } from "node:fs";
import { provider } from "./config.ts";
import type { Diagnostic, Place } from "./diagnostic.ts";
import { FAULTS } from "./fault.ts";
import { linesOf } from "./locate.ts";
import { didYouMean } from "./nearest.ts";
import { NoDefault } from "./read-value.ts";
import { placeInStack } from "./stack-place.ts";

/** The parts of Bun's errors that say where something is; its classes are not to be had by name. */
interface Thrown {
  readonly name?: string;
  readonly message?: string;
  readonly stack?: string;
  readonly position?: (Place & { readonly lineText?: string }) | null;
  readonly specifier?: string;
  readonly referrer?: string;
}

/** Says in our words why a configuration could not be evaluated, and where. */
export function explainThrown(thrown: unknown, file: string): Diagnostic {
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
    ...(placeInStack(error.stack ?? "") ?? { file, ...positionIn(message) }),
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
  const known = module === "omni" ? ["defineConfig", "defineProviders", "defineCombos", "defineFilter", "provider", "secret"] : [];
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
  const known = Object.keys(provider);
  if (factory !== undefined) return didYouMean(factory, known) ?? `what there is: ${known.map((name) => `provider.${name}`).join(", ")}`;
  if (/\bprocess\.env\b|\benv\b/.test(message)) return 'a configuration sees no variables but a few; for secrets, write secret.env("NAME")';
  return "mend the expression at this place";
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
