import { invocationsOf } from "./invocation.ts";

/** The call that a result answers. */
export interface ToolCall {
  readonly name?: string;
  /** The command line that it ran, if it was one. */
  readonly command?: string;
}

const SHELL_NAME =
  /(?:^|[^a-z])(?:bash|shell|sh|zsh|terminal|console|powershell|pwsh|cmd|exec|execute|command|run)(?:$|[^a-z])|execcommand|runcommand|runinterminal|runterminal/;

/** Whether a tool's name says that it runs commands: `Bash`, `run_terminal_cmd`, `container.exec`, `runCommand`. */
export function isShellName(name: string): boolean {
  const spaced = name.slice(0, 128).replace(/([a-z])([A-Z])/g, "$1_$2");
  return SHELL_NAME.test(spaced.toLowerCase()) || SHELL_NAME.test(name.slice(0, 128).toLowerCase());
}

/** Editors name what they do in an argument that is called `command`, too. */
const EDITOR_VERBS = new Set(["view", "create", "str_replace", "insert", "undo_edit", "delete", "rename"]);

const COMMAND_KEYS = ["command", "cmd", "script", "commands", "command_line", "commandLine", "input", "code"] as const;

/**
 * Finds the command line in the arguments of a call: under `command`, `cmd`, `script` and their like, as text or as an array of words. A tool
 * that is not named like a shell must give a line that begins with a program.
 *
 * @param args Decoded arguments; a string is a command itself.
 */
export function commandOf(name: string | undefined, args: unknown): string | undefined {
  const command = typeof args === "string" ? args : fromObject(args);
  if (command === undefined || EDITOR_VERBS.has(command.trim())) return undefined;
  if (name === undefined || isShellName(name)) return command;
  return typeof args === "string" || !/^\s*\S+\s+\S/.test(command) || invocationsOf(command).length === 0 ? undefined : command;
}

function fromObject(args: unknown): string | undefined {
  if (typeof args !== "object" || args === null) return undefined;
  for (const key of COMMAND_KEYS) {
    const value: unknown = Object.hasOwn(args, key) ? (args as Record<string, unknown>)[key] : undefined; // An object, of whatever.
    if (typeof value === "string" && value !== "") return value;
    if (Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === "string")) {
      return key === "commands" ? value.join("\n") : value.map(quote).join(" ");
    }
  }
  return undefined;
}

/** Words of an array are already apart, and must stay so when they are read as a line. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
