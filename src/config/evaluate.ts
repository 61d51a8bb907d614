import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Diagnostic } from "./diagnostic.ts";
import type { Evaluation } from "./evaluation.ts";
import { FAULTS } from "./fault.ts";

/** The verb under which the binary evaluates a configuration. It is not for people. */
export const EVALUATE_VERB = "__evaluate";

/**
 * What a configuration may read from the environment: where it runs and for whom, no credential. All else reads as undefined, so that the
 * same files give the same configuration on every machine, and what is not in them can not get into the plan.
 */
export const ENVIRONMENT_SEEN: readonly string[] = ["HOME", "PATH", "TMPDIR", "LANG", "LC_ALL", "TZ", "NODE_ENV", "OMNI_ENV", "CI"];

/** How to evaluate. */
export interface EvaluateOptions {
  /** Ends the evaluation, for one that is newer. */
  readonly signal?: AbortSignal | undefined;
  /** Default 5000. Milliseconds. */
  readonly limitMs?: number;
}

/**
 * Evaluates a configuration file in a child process, so that nothing in it (endless loops, `process.exit`, a changed global) can reach the
 * gateway. What it prints goes to stderr.
 *
 * @param file A `.ts`, `.json` or `.yaml` file that exists.
 * @throws What `signal` was aborted with.
 */
export async function evaluate(file: string, { signal, limitMs = 5000 }: EvaluateOptions = {}): Promise<Evaluation> {
  signal?.throwIfAborted();
  const real = realpathSync(file);
  const child = Bun.spawn(evaluatorCommand(real), {
    cwd: dirname(real),
    env: childEnvironment(),
    // The value comes back on a channel of its own, which `console.log` can not disturb.
    stdio: ["ignore", 2, 2, "pipe"],
    timeout: limitMs,
    killSignal: "SIGKILL",
    ...(signal && { signal }),
  });
  // The fourth channel was asked for above, so it is a descriptor.
  const answer = new Response(Bun.file(child.stdio[3] as number).stream()).text();
  const [text] = await Promise.all([answer, child.exited]);
  signal?.throwIfAborted();
  const evaluation = readAnswer(text);
  if (evaluation !== undefined) return evaluation;
  const diagnostic: Diagnostic = child.signalCode === null ? gaveNothing(real, child.exitCode) : stopped(real, child.signalCode, limitMs);
  return { ok: false, diagnostics: [diagnostic], faults: [], files: [real] };
}

/** @returns Undefined if the child was ended while writing, or something else than evaluator.ts has written. */
function readAnswer(text: string): Evaluation | undefined {
  try {
    return JSON.parse(text) as Evaluation; // The channel has no other purpose.
  } catch {
    return undefined;
  }
}

function evaluatorCommand(file: string): string[] {
  if (Bun.isStandaloneExecutable) return [process.execPath, EVALUATE_VERB, file];
  // From source, Bun would fetch unknown packages, and obey the `.env` and `bunfig.toml` that it finds; the binary does neither.
  const ownSettings = `--config=${join(import.meta.dir, "..", "..", "bunfig.toml")}`;
  return [process.execPath, "--no-install", "--no-env-file", ownSettings, join(import.meta.dir, "evaluate-entry.ts"), file];
}

function childEnvironment(): Record<string, string> {
  // Without this, the child would outlive a gateway that is killed, and a loop in it would go on for ever.
  const environment: Record<string, string> = { BUN_OPTIONS: "--no-orphans" };
  for (const name of ENVIRONMENT_SEEN) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

function gaveNothing(file: string, code: number | null): Diagnostic {
  return {
    code: FAULTS.gaveNothing,
    severity: "error",
    file,
    what: `the configuration ended its own process (exit code ${code}) before it gave a value`,
    fix: "take out what ends the process: process.exit() and its like",
  };
}

function stopped(file: string, signal: string | number, limitMs: number): Diagnostic {
  const isLate = signal === "SIGKILL";
  return {
    code: FAULTS.timedOut,
    severity: "error",
    file,
    what: isLate ? `the configuration gave no value within ${limitMs / 1000} s` : `evaluating the configuration was ended by ${signal}`,
    fix: isLate
      ? "take out what does not end: a loop, or waiting for something outside"
      : "run it again; if it ends the same way, take out parts until it does not",
  };
}
