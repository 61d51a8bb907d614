import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { linesOf } from "./locate.ts";

/**
 * Reads or runs a configuration file.
 * @returns What it holds or exports by default.
 * @throws {NoDefault} If a module exports nothing by default; and whatever the file throws.
 */
export async function readValue(file: string): Promise<unknown> {
  const type = extname(file);
  // Not imported, because a key called `default` would be taken for the module's default export.
  if (type === ".json") return parseJson(file);
  if (type === ".yaml" || type === ".yml") return Bun.YAML.parse(readFileSync(file, "utf8"));
  const module: { readonly default?: unknown } = await import(file);
  if (module.default === undefined) throw new NoDefault();
  return module.default;
}

/** A module without what is looked for in it. */
export class NoDefault extends Error {}

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
    const [first]: readonly { readonly position?: { readonly line: number; readonly column: number } }[] =
      error instanceof AggregateError ? error.errors : [error];
    if (first?.position) return { line: first.position.line - 1, column: first.position.column };
  }
  return undefined;
}
