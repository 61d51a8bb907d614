import type { Command, CommandEntry } from "./command.ts";
import { UsageError } from "./parse.ts";

/** `omni completions`: what Tab offers, made of the same table as the commands themselves. */
export function completionsEntry(table: readonly CommandEntry[]): CommandEntry {
  const name = "completions";
  const summary = "Print what teaches a shell to complete omni's commands.";
  return {
    name,
    summary,
    load: async () => ({
      name,
      summary,
      args: "<bash|zsh|fish>",
      flags: {},
      examples: ["source <(omni completions bash)", "source <(omni completions zsh)", "omni completions fish | source"],
      run: async ({ args: [shell = ""] }) => {
        const write = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
        if (write === undefined) throw new UsageError(`no completions for ${shell}`, `Try one of: ${Object.keys(SHELLS).join(", ")}`);
        console.log(write(await Promise.all(table.map((entry) => entry.load()))));
        return 0;
      },
    }),
  };
}

const SHELLS: Readonly<Record<string, (commands: readonly Command[]) => string>> = { bash, zsh, fish };

function bash(commands: readonly Command[]): string {
  return `_omni() {
  local word=\${COMP_WORDS[COMP_CWORD]} words=
  if [ "$COMP_CWORD" -eq 1 ]; then words='${commands.map((command) => command.name).join(" ")}'
  else case \${COMP_WORDS[1]} in
${commands.map((command) => `    ${command.name}) words='${flagsOf(command).join(" ")}' ;;`).join("\n")}
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  # Where no flag fits, file names may: --config takes one.
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$word"))
}
complete -F _omni omni`;
}

function zsh(commands: readonly Command[]): string {
  return `#compdef omni
_omni() {
  local -a commands=(${commands.map((command) => quote(`${command.name}:${command.summary}`)).join(" ")})
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case $words[2] in
${commands.map((command) => `    ${command.name}) _arguments ${zshFlags(command)} '*:file:_files' ;;`).join("\n")}
  esac
}
compdef _omni omni`;
}

function zshFlags(command: Command): string {
  const flags = Object.entries(command.flags).map(([name, flag]) => {
    const summary = flag.summary.replaceAll(/[[\]:]/g, " ");
    return quote(`--${name}[${summary}]${flag.type === "string" ? `:${flag.value ?? "VALUE"}:_files` : ""}`);
  });
  return [...flags, quote("--help[Explain the command]")].join(" ");
}

function fish(commands: readonly Command[]): string {
  const lines = ["complete -c omni -f -n __fish_use_subcommand"];
  for (const command of commands) {
    lines.push(`complete -c omni -n __fish_use_subcommand -a ${command.name} -d ${quote(command.summary)}`);
    const here = quote(`__fish_seen_subcommand_from ${command.name}`);
    for (const [name, flag] of Object.entries(command.flags)) {
      lines.push(`complete -c omni -n ${here} -l ${name} ${flag.type === "string" ? "-r " : ""}-d ${quote(flag.summary)}`);
    }
  }
  return lines.join("\n");
}

function flagsOf(command: Command): string[] {
  return [...Object.keys(command.flags), "help"].map((name) => `--${name}`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
