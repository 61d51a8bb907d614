import { EVALUATE_VERB } from "../config/evaluate.ts";
import { nearest } from "../config/nearest.ts";
import { OmniError } from "../ir/failure.ts";
import type { Command, CommandEntry } from "./command.ts";
import { completionsEntry } from "./completions.ts";
import { helpEntry, printCommandHelp } from "./help.ts";
import { parseInput, UsageError } from "./parse.ts";

/** The exit code of a line that could not be understood, as in BSD's sysexits. */
const EXIT_USAGE = 64;

/** The verbs that live in this room. Each is loaded when it is called: `omni version` knows nothing of a web server. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "serve",
    summary: "Serve: load the configuration, listen, and load it anew whenever it changes.",
    load: async () => (await import("./serve.ts")).command,
  },
  {
    name: "reload",
    summary: "Tell the gateway that runs to read its configuration anew, or to replace its processes one by one.",
    load: async () => (await import("./reload-running.ts")).command,
  },
  {
    name: "check",
    summary: "Find everything that is wrong with the configuration, types included. Reads no secret and calls nobody.",
    load: async () => (await import("./check.ts")).command,
  },
  {
    name: "explain",
    summary:
      "Say what a model's name leads to: targets, order, weights, limits, and where keys come from. Reads no secret and calls nobody.",
    load: async () => (await import("./explain.ts")).command,
  },
  {
    name: "simulate",
    summary:
      "Let providers fail in simulated time and see what the combos make of it. Same seeds, same result; calls nobody, reads no secret.",
    load: async () => (await import("./simulate.ts")).command,
  },
  {
    name: "keys",
    summary: "Make, list, rotate and revoke keys of clients, while the gateway runs.",
    load: async () => (await import("./keys.ts")).command,
  },
  {
    name: "admin",
    summary: "Set the password that administrators log in with; running gateways notice within a second, and all sessions end.",
    load: async () => (await import("./admin.ts")).command,
  },
  {
    name: "audit",
    summary: "Say what administrators did, and whether anybody has tampered with the list of it.",
    load: async () => (await import("./audit.ts")).command,
  },
  {
    name: "usage",
    summary: "Say what was used and what it cost, by key, model, day, team, organisation or provider.",
    load: async () => (await import("./usage.ts")).command,
  },
  {
    name: "ledger",
    summary: "Audit the ledger: reckon every cost again, and look for gaps, damage and attempts that nobody will end.",
    load: async () => (await import("./ledger.ts")).command,
  },
  {
    name: "init",
    summary: "Write an omni.config.ts from the keys that this environment has. Overwrites nothing.",
    load: async () => (await import("./init.ts")).command,
  },
  {
    name: "mock",
    summary: "Serve the simulator over HTTP, as if it were OpenAI.",
    load: async () => (await import("./mock.ts")).command,
  },
  {
    name: "rtk",
    summary: "Compress the output of a tool as the gateway would, or explain line by line what stays and why.",
    load: async () => (await import("./rtk.ts")).command,
  },
  {
    name: "version",
    summary: "Say which Omni this is.",
    load: async () => (await import("./version.ts")).command,
  },
];

/**
 * Runs one line of the command line.
 *
 * @param argv What follows the program's name.
 * @param entries The verbs: `COMMANDS`, and what a program adds that lies outside `src`. `help` and `completions` come by themselves.
 * @returns The exit code. Faults of the line are told on stderr.
 */
export async function main(argv: readonly string[], entries: readonly CommandEntry[]): Promise<number> {
  const table: CommandEntry[] = [...entries];
  table.push(completionsEntry(table), helpEntry(table));
  try {
    return await dispatch(argv, table);
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`omni: ${error.message}\n  ${error.remedy}`);
      return EXIT_USAGE;
    }
    // What was meant to be seen is shown as it is; anything else is a mistake of ours, and its stack is what helps.
    if (error instanceof OmniError) {
      console.error(`omni: ${error.message}`);
      return 1;
    }
    throw error;
  }
}

async function dispatch(argv: readonly string[], table: readonly CommandEntry[]): Promise<number> {
  const [first, ...rest] = argv;
  if (first === undefined) return withoutVerb(table);
  // What the binary starts of itself to evaluate a configuration. It is not for people, so no list has it.
  if (first === EVALUATE_VERB) return (await import("../config/evaluator.ts")).evaluateHere(rest[0] ?? "");
  const name = ALSO_CALLED.get(first) ?? first;
  const command = await loadCommand(name, table);
  if (asksForHelp(rest)) {
    printCommandHelp(command);
    return 0;
  }
  return command.run(parseInput(command, rest));
}

const ALSO_CALLED: ReadonlyMap<string, string> = new Map([
  ["--help", "help"],
  ["-h", "help"],
  ["--version", "version"],
  ["-v", "version"],
]);

/** The first thing that many people type: it starts what can be started, or says how. */
async function withoutVerb(table: readonly CommandEntry[]): Promise<number> {
  const { findConfig } = await import("../config/load.ts");
  if (findConfig() !== undefined) return dispatch(["serve"], table);
  console.log(
    "Omni is an AI gateway: one typed file, omni.config.ts, decides which provider answers which request. There is none in this folder.",
  );
  console.log("  omni init            write one, from the keys that this environment has");
  console.log("  omni serve --demo    try it at once, with a built-in provider that needs no key");
  return 0;
}

async function loadCommand(name: string, table: readonly CommandEntry[]): Promise<Command> {
  const entry = table.find((candidate) => candidate.name === name);
  if (entry !== undefined) return entry.load();
  const names = table.map((candidate) => candidate.name);
  const [meant] = nearest(name, names);
  if (meant === undefined) throw new UsageError(`no such command: ${name}`, "See them all: omni help");
  throw new UsageError(`no such command: ${name}. Did you mean "${meant}"?`, `Try: omni ${meant}`);
}

/** What comes after `--` is for the command, whatever it looks like. */
function asksForHelp(rest: readonly string[]): boolean {
  const end = rest.indexOf("--");
  return (end < 0 ? rest : rest.slice(0, end)).some((arg) => arg === "--help" || arg === "-h");
}
