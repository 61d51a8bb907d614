import { styleText } from "node:util";
import { nearest } from "../config/nearest.ts";
import type { Command, CommandEntry, Flag } from "./command.ts";
import { UsageError } from "./parse.ts";

const EXIT_CODES: readonly (readonly [code: string, meaning: string])[] = [
  ["0", "done"],
  ["1", "refused or failed; stderr says why"],
  ["2", "there are differences, where a command was asked to tell so"],
  ["3", "a performance budget was missed"],
  ["64", "the line could not be understood"],
  ["130, 143", "ended by SIGINT, by SIGTERM"],
];

/** `omni help`: it needs the table that it is itself a part of, so it is made rather than imported. */
export function helpEntry(table: readonly CommandEntry[]): CommandEntry {
  const name = "help";
  const summary = "Say what the commands do.";
  return {
    name,
    summary,
    load: async () => ({
      name,
      summary,
      args: "[command|exit-codes]",
      flags: {},
      examples: ["omni help", "omni help serve", "omni help exit-codes"],
      run: async ({ args: [topic] }) => {
        await printHelp(topic, table);
        return 0;
      },
    }),
  };
}

/** What `omni VERB --help` prints. */
export function printCommandHelp(command: Command): void {
  const flags = Object.entries(command.flags).map(([name, flag]) => [flagWithValue(name, flag), flag.summary] as const);
  const usage = ["omni", command.name, ...(command.args ? [command.args] : []), ...(flags.length > 0 ? ["[flags]"] : [])];
  console.log(`${command.summary}\n\n${heading("Usage")}\n  ${usage.join(" ")}`);
  if (flags.length > 0) console.log(`\n${heading("Flags")}\n${rows(flags)}`);
  console.log(`\n${heading("Examples")}\n${command.examples.map((example) => `  ${example}`).join("\n")}`);
}

async function printHelp(topic: string | undefined, table: readonly CommandEntry[]): Promise<void> {
  if (topic === undefined) {
    console.log(`Omni, an AI gateway.\n\n${heading("Usage")}\n  omni <command> [flags]`);
    console.log(`\n${heading("Commands")}\n${rows(table.map((entry) => [entry.name, entry.summary]))}`);
    console.log("\nMore of one: omni <command> --help. What the exit codes mean: omni help exit-codes.");
  } else if (topic === "exit-codes") {
    console.log(rows(EXIT_CODES));
  } else {
    const entry = table.find((candidate) => candidate.name === topic);
    if (entry === undefined) throw unknownTopic(topic, table);
    printCommandHelp(await entry.load());
  }
}

function unknownTopic(topic: string, table: readonly CommandEntry[]): UsageError {
  const [meant] = nearest(topic, [...table.map((entry) => entry.name), "exit-codes"]);
  if (meant === undefined) return new UsageError(`no such command: ${topic}`, "See them all: omni help");
  return new UsageError(`no such command: ${topic}. Did you mean "${meant}"?`, `Try: omni help ${meant}`);
}

function flagWithValue(name: string, flag: Flag): string {
  return flag.type === "boolean" ? `--${name}` : `--${name} ${flag.value ?? "VALUE"}`;
}

function heading(text: string): string {
  return styleText("bold", text);
}

function rows(pairs: readonly (readonly [left: string, right: string])[]): string {
  const width = Math.max(...pairs.map(([left]) => left.length));
  return pairs.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}
