import { parseArgs } from "node:util";
import { nearest } from "../config/nearest.ts";
import type { Command, CommandInput } from "./command.ts";

/** A command line that can not be understood. It is the typist's to mend, so it says what to type. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** The next line to type, with a word before it. */
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/**
 * Reads what follows a verb by that command's own declaration. A flag given twice counts as it was given last.
 *
 * @throws {UsageError} For unknown flags, flags without their value, and too few or too many arguments.
 */
export function parseInput(command: Command, argv: readonly string[]): CommandInput {
  const options = Object.fromEntries(Object.entries(command.flags).map(([name, flag]) => [name, { type: flag.type }]));
  // Not strict: the parser's own complaints name neither the command nor the flag that was meant.
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
  const flags: Record<string, string | boolean> = {};
  const args: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") args.push(token.value);
    if (token.kind === "option") flags[token.name] = readFlag(command, token.name, token.rawName, token.value);
  }
  checkArguments(command, args);
  return { flags, args };
}

function readFlag(command: Command, name: string, rawName: string, value: string | undefined): string | boolean {
  const flag = Object.hasOwn(command.flags, name) ? command.flags[name] : undefined;
  if (flag === undefined) {
    const [meant] = nearest(name, Object.keys(command.flags));
    throw new UsageError(
      `${command.name} has no flag ${rawName}.${meant === undefined ? "" : ` Did you mean "--${meant}"?`}`,
      helpFor(command),
    );
  }
  if (flag.type === "boolean") {
    if (value !== undefined)
      throw new UsageError(`${command.name}: ${rawName} is either there or not, and takes no value.`, helpFor(command));
    return true;
  }
  if (value === undefined)
    throw new UsageError(`${command.name}: ${rawName} needs a value: ${rawName} ${flag.value ?? "VALUE"}`, helpFor(command));
  return value;
}

/** `<a>` must be there, `[a]` may be, and `...` stands for any number more. */
function checkArguments(command: Command, args: readonly string[]): void {
  const places = command.args?.split(" ") ?? [];
  const missing = places.filter((place) => place.startsWith("<"))[args.length];
  if (missing !== undefined) throw new UsageError(`${command.name} needs ${missing}.`, helpFor(command));
  const isEndless = command.args?.includes("...") ?? false;
  if (args.length > places.length && !isEndless)
    throw new UsageError(`${command.name} does not know what to do with "${args[places.length]}".`, helpFor(command));
}

function helpFor(command: Command): string {
  return `See: omni ${command.name} --help`;
}
