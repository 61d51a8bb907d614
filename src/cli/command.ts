/** A flag of a command. Booleans are given as `--name`, the others as `--name VALUE` or `--name=VALUE`. */
export interface Flag {
  readonly type: "boolean" | "string";
  /** One line for `--help`. */
  readonly summary: string;
  /** What stands for the value in `--help`, such as `PORT`. */
  readonly value?: string;
}

/** What a command is given: its flags and arguments, already checked against its own declaration. */
export interface CommandInput {
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  readonly args: readonly string[];
}

/** A verb of the command line. Its file lies beside this one under the verb's name and exports it as `command`; `main.ts` holds the table. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What stands behind the verb, such as `<model>`; absent if nothing may. */
  readonly args?: string;
  readonly flags: Readonly<Record<string, Flag>>;
  /** Whole lines that work, the first one most of all. */
  readonly examples: readonly string[];
  /**
   * Does it. Results go to stdout, everything else to stderr; with `--json`, stdout carries JSON alone.
   * @returns The exit code: 0 done, 1 refused or failed, 2 there are differences, 3 a performance budget was missed.
   */
  run(input: CommandInput): Promise<number>;
}

/** A verb in the table of `main.ts`: known by name, loaded when it is called, so that a quick verb stays quick. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}
