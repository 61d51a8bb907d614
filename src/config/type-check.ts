import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { type DeclarationsOptions, omniDeclarations } from "./declarations.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { FAULTS } from "./fault.ts";
import { didYouMean } from "./nearest.ts";

/** How long the type checker may take; even a very large configuration takes it a few seconds. */
const LIMIT_MS = 30_000;

/**
 * The settings that a configuration is type-checked under, whatever its folder has. Also what `omni init` writes.
 * Without `types`, since what packages lie around must not decide whether a configuration holds.
 */
export const COMPILER_OPTIONS: Readonly<Record<string, unknown>> = {
  strict: true,
  noEmit: true,
  target: "esnext",
  module: "preserve",
  moduleResolution: "bundler",
  lib: ["esnext"],
  types: [],
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
};

/**
 * Type-checks a configuration and all that it imports, with the checker that is built into Bun and hence into the binary. Nothing has to be installed.
 *
 * @returns What it found, in our own words as far as we have any. Nothing for files that have no types.
 */
export async function typeCheck(file: string, declared: DeclarationsOptions = {}): Promise<Diagnostic[]> {
  if (!/\.[cm]?[jt]s$/.test(file)) return [];
  const real = realpathSync(file);
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "omni-types-")));
  try {
    const declarations = join(folder, "omni.d.ts");
    writeFileSync(declarations, await omniDeclarations(declared));
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files: [declarations, real] }));
    return await runChecker(folder, real);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runChecker(folder: string, file: string): Promise<Diagnostic[]> {
  const child = Bun.spawn([process.execPath, "check", "--project", folder, "--no-pretty", "--no-script", "--all"], {
    cwd: folder,
    // The first variable makes the binary behave as the Bun that it was built with.
    env: { BUN_BE_BUN: "1", BUN_OPTIONS: "--no-orphans", NO_COLOR: "1", PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  const [stdout, stderr, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  const found = readMessages(`${stdout}\n${stderr}`).map((message) => inOurWords(message, folder));
  if (code !== 0 && found.length === 0) return [failed(file, child.signalCode ?? code)];
  return found;
}

/** A finding of the checker, as it prints it. */
interface Message {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly code: string;
  /** Its first line, then what is indented below it. */
  readonly text: readonly string[];
}

function readMessages(output: string): Message[] {
  const messages: (Message & { readonly text: string[] })[] = [];
  for (const line of output.split("\n")) {
    const [, file, row, column, code, text] = /^(.+?)\((\d+),(\d+)\): error (TS\d+): (.*)$/.exec(line) ?? [];
    if (file !== undefined && code !== undefined)
      messages.push({ file, line: Number(row), column: Number(column), code, text: [text ?? ""] });
    else if (/^\s+\S/.test(line) && !/^\s+\d+\s+\S+:\d+$/.test(line)) messages.at(-1)?.text.push(line.trim());
  }
  return messages;
}

function inOurWords({ file, line, column, code, text }: Message, folder: string): Diagnostic {
  const whole = text.join("\n");
  // The deepest line knows best: those above it speak of what is around.
  const [, actual, expected] = [...whole.matchAll(/Type '(.*?)' is not assignable to type '(.*?)'\./g)].at(-1) ?? [];
  const suggested = suggestionIn(whole);
  const said =
    (actual === undefined || expected === undefined ? undefined : ofMismatch(actual, expected, suggested)) ??
    ofKey(whole, suggested) ??
    ([text[0] ?? "", suggested] as const);
  return { code, severity: "error", file: isAbsolute(file) ? file : resolve(folder, file), line, column, what: said[0], fix: said[1] };
}

/** What is wrong, and how to mend it. */
type Said = readonly [what: string, fix: string | undefined];

/** A value of one type stands where another is asked for. Types of literals are written as in a source: `"30"`. */
function ofMismatch(actual: string, expected: string, suggested: string | undefined): Said | undefined {
  // What stands where a secret belongs is not repeated.
  if (expected.includes("NEVER inline a key"))
    return ["a secret is written in the configuration", 'use secret.env("NAME"), secret.file("/path") or secret.exec(["command"])'];
  const value = actual.startsWith('"') ? actual : `what stands here (${actual})`;
  if (/^(?:Duration\b|`\$\{number\})/.test(expected)) return [`${value} is not a duration`, 'write "500ms", "30s", "5m" or "2h"'];
  if (expected.startsWith("HttpUrl")) return [`${value} is no http address`, "write it whole, such as https://api.example.com/v1"];
  if (/^number\b/.test(expected)) return [`${value} is not a number`, "write a number, without quotes"];
  const names = [...expected.matchAll(/"([^"]+)"/g)].map(([, name]) => name ?? "");
  if (names.some((name) => /[/:]/.test(name))) return ofTarget(value, names, suggested);
  if (names.length === 0) return undefined;
  const choice = names.map((name) => `"${name}"`).join(" or ");
  return [`${value} is not ${choice}`, suggested ?? `write ${choice}`];
}

function ofTarget(value: string, names: readonly string[], suggested: string | undefined): Said {
  const name = value.replaceAll('"', "");
  const near = suggested ?? didYouMean(name, names) ?? didYouMean(`combo:${name}`, names);
  if (!/[/:]/.test(name)) return [`${value} is no target`, near ?? 'write "provider/model" or "combo:name"'];
  // Of a long list TypeScript prints the beginning, so there is no more to choose from.
  return [`${value} names nothing that is declared here for this list`, near ?? `declare it first, or use another, such as "${names[0]}"`];
}

function ofKey(whole: string, suggested: string | undefined): Said | undefined {
  const [, missing] = /Property '([\w$]+)' is missing in type/.exec(whole) ?? [];
  if (missing !== undefined) return [`"${missing}" is missing here`, `add ${missing}`];
  const [, kind] = /Property '([\w$]+)' does not exist on type 'ProviderFactories'/.exec(whole) ?? [];
  if (kind !== undefined) return [`there is no kind of provider "${kind}"`, suggested ?? "see what the editor offers after: provider."];
  const [, key] = /may only specify known properties, (?:and|but) '"?(.+?)"?' does not exist in type/.exec(whole) ?? [];
  if (key !== undefined) return [`nothing here is called "${key}"`, suggested ?? "take it out, or look at what the editor offers instead"];
  return undefined;
}

function suggestionIn(whole: string): string | undefined {
  const [, name] = /Did you mean (?:to write )?'"?(.*?)"?'\?/.exec(whole) ?? [];
  return name === undefined ? undefined : `did you mean "${name}"?`;
}

function failed(file: string, reason: string | number): Diagnostic {
  return {
    code: FAULTS.typeCheckFailed,
    severity: "error",
    file,
    what: `the type checker ended with ${reason} and said nothing`,
    fix: "run it again, or leave it out with --no-types",
  };
}
