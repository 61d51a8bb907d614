import { relative } from "node:path";
import { styleText } from "node:util";

/** A place in one of the operator's files. */
export interface Place {
  /** An absolute path. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units, as TypeScript and editors count. */
  readonly column: number;
}

/** Something that is wrong with a configuration, ready to be shown. It quotes no secret. */
export interface Diagnostic extends Partial<Place> {
  /** `OMNI-C020` and the like, the same for good; `TS2322` and the like where the type checker alone could say. */
  readonly code: string;
  /** A `warning` refuses nothing. */
  readonly severity: "error" | "warning";
  /** What could not be done or does not fit. */
  readonly what: string;
  /** How to mend it. */
  readonly fix: string | undefined;
  /** The line that `line` speaks of. */
  readonly lineText?: string | undefined;
}

/** How diagnostics are to look. */
export interface DiagnosticStyle {
  /** What file names are shown relative to. */
  readonly folder: string;
  /** Whether to use colours. */
  readonly paint: boolean;
}

/** What was wrong, where, the line, and how to mend it: one layout for all that can be wrong with a configuration. */
export function formatDiagnostic(diagnostic: Diagnostic, { folder, paint }: DiagnosticStyle): string {
  const style = (format: Parameters<typeof styleText>[0], text: string): string =>
    paint ? styleText(format, text, { validateStream: false }) : text;
  const { severity, what, code, file, fix } = diagnostic;
  const lines = [`${style(severity === "error" ? "red" : "yellow", severity)} ${style("bold", what)}  ${style("dim", code)}`];
  if (file !== undefined) lines.push(`  ${style("cyan", placeOf(diagnostic, folder))}`);
  lines.push(...frame(diagnostic).map((line) => `  ${style("dim", line)}`));
  if (fix !== undefined) lines.push(`  ${style("green", "fix")} ${fix}`);
  return lines.join("\n");
}

/** `config/combos.ts:9:7`, as far as it is known. */
export function placeOf({ file, line, column }: Diagnostic, folder: string): string {
  if (file === undefined) return "";
  return [shortPath(file, folder), line, column].filter((part) => part !== undefined).join(":");
}

/** A path as people would type it: relative where that leads no further up. */
export function shortPath(file: string, folder: string): string {
  const short = relative(folder, file);
  return short === "" || short.startsWith("..") ? file : short;
}

/** By file, then by line: the order in which one mends. Those without a place come first. */
export function byPlace(a: Diagnostic, b: Diagnostic): number {
  return compare(a.file ?? "", b.file ?? "") || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

const FRAME_WIDTH = 120;

function frame({ line, column, lineText }: Diagnostic): string[] {
  if (line === undefined || lineText === undefined) return [];
  const at = (column ?? 1) - 1;
  // A generated file may be one line of a megabyte; what matters is around the column.
  const start = at > FRAME_WIDTH - 20 ? at - 40 : 0;
  const head = `${line} │ ${start > 0 ? "…" : ""}`;
  const shown = lineText.slice(start, start + FRAME_WIDTH).trimEnd();
  if (column === undefined) return [head + shown];
  const length = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|[\w$]+|.)/.exec(shown.slice(at - start))?.[0].length ?? 1;
  // What stands before is kept as far as it is white space, so that tabs stay as wide as they are above.
  const indent = shown.slice(0, at - start).replace(/[^\t]/g, " ");
  return [head + shown, `${" ".repeat(Bun.stringWidth(head))}${indent}${"^".repeat(length)}`];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
