import { afterEach, beforeEach, describe, expect, type Mock, spyOn, test } from "bun:test";
import type { Command, CommandEntry, CommandInput } from "../../src/cli/command.ts";
import { COMMANDS, main } from "../../src/cli/main.ts";
import { OmniError } from "../../src/ir/failure.ts";

let out: Mock<typeof console.log>;
let err: Mock<typeof console.error>;
beforeEach(() => {
  out = spyOn(console, "log").mockImplementation(() => {});
  err = spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  out.mockRestore();
  err.mockRestore();
});
const written = (stream: Mock<typeof console.log>): string => stream.mock.calls.flat().join("\n");

/** A verb that keeps what it was given. */
function probe(
  declared: Partial<Command> = {},
  run: (input: CommandInput) => number = () => 0,
): { entry: CommandEntry; inputs: CommandInput[] } {
  const inputs: CommandInput[] = [];
  const command: Command = {
    name: "probe",
    summary: "Look.",
    args: "<where> [how]",
    flags: {
      deep: { type: "boolean", summary: "Look twice." },
      port: { type: "string", value: "PORT", summary: "Where." },
    },
    examples: ["omni probe here"],
    run: async (input) => {
      inputs.push(input);
      return run(input);
    },
    ...declared,
  };
  return { entry: { name: command.name, summary: command.summary, load: async () => command }, inputs };
}

describe("a line that is understood", () => {
  test.each([
    { line: ["probe", "a"], args: ["a"], flags: {} },
    { line: ["probe", "a", "--deep"], args: ["a"], flags: { deep: true } },
    { line: ["probe", "--port", "3000", "a", "b"], args: ["a", "b"], flags: { port: "3000" } },
    { line: ["probe", "--port=3000", "a"], args: ["a"], flags: { port: "3000" } },
    { line: ["probe", "--port=1", "--port=2", "a"], args: ["a"], flags: { port: "2" } },
    { line: ["probe", "--", "--help"], args: ["--help"], flags: {} },
  ])("$line reaches the command", async ({ line, args, flags }) => {
    const { entry, inputs } = probe({}, () => 3);
    expect(await main(line, [entry])).toBe(3);
    expect(inputs).toEqual([{ args, flags }]);
    expect(written(err)).toBe("");
  });
});

describe("a line that is not understood exits with 64, says why, and says what to type", () => {
  test.each([
    { line: ["prob"], says: ['no such command: prob. Did you mean "probe"?', "Try: omni probe"] },
    { line: ["porbe"], says: ['Did you mean "probe"?'] },
    { line: ["dance"], says: ["no such command: dance", "omni help"] },
    { line: ["constructor"], says: ["no such command: constructor"] },
    { line: ["probe"], says: ["probe needs <where>", "omni probe --help"] },
    { line: ["probe", "a", "b", "c"], says: ['"c"'] },
    { line: ["probe", "a", "--dep"], says: ["no flag --dep", 'Did you mean "--deep"?'] },
    { line: ["probe", "a", "-x"], says: ["no flag -x"] },
    { line: ["probe", "a", "--constructor"], says: ["no flag --constructor"] },
    { line: ["probe", "a", "--deep=yes"], says: ["takes no value"] },
    { line: ["probe", "a", "--port"], says: ["needs a value: --port PORT"] },
    { line: ["help", "prob"], says: ['Did you mean "probe"?', "Try: omni help probe"] },
    { line: ["completions", "tcsh"], says: ["no completions for tcsh", "bash, zsh, fish"] },
  ])("$line", async ({ line, says }) => {
    const { entry, inputs } = probe();
    expect(await main(line, [entry])).toBe(64);
    expect(inputs).toEqual([]);
    expect(written(out)).toBe("");
    for (const words of says) expect(written(err)).toContain(words);
  });
});

describe("help", () => {
  test.each([
    { line: ["help", "probe"] },
    { line: ["probe", "--help"] },
    { line: ["probe", "-h"] },
    { line: ["probe", "a", "--port", "1", "--help"] },
  ])("$line explains the command and does not run it", async ({ line }) => {
    const { entry, inputs } = probe();
    expect(await main(line, [entry])).toBe(0);
    expect(inputs).toEqual([]);
    for (const words of ["omni probe <where> [how] [flags]", "--port PORT", "Look twice.", "omni probe here"])
      expect(written(out)).toContain(words);
  });

  test("lists every command", async () => {
    expect(await main(["--help"], [...COMMANDS, probe().entry])).toBe(0);
    for (const { name } of [...COMMANDS, { name: "probe" }, { name: "help" }])
      expect(written(out)).toMatch(new RegExp(`^ {2}${name} `, "m"));
  });

  test("exit codes are documented", async () => {
    expect(await main(["help", "exit-codes"], [])).toBe(0);
    for (const code of ["0", "1", "2", "3", "64"]) expect(written(out)).toMatch(new RegExp(`^ {2}${code} `, "m"));
  });
});

describe("failures", () => {
  test("one that is meant to be seen is told without a stack, and exits with 1", async () => {
    const { entry } = probe({}, () => {
      throw new OmniError("invalid_model", "Cannot look there.");
    });
    expect(await main(["probe", "a"], [entry])).toBe(1);
    expect(written(err)).toBe("omni: Cannot look there.");
  });

  test("a mistake of ours comes through with its stack", async () => {
    const { entry } = probe({}, () => {
      throw new TypeError("undefined is not a function");
    });
    await expect(main(["probe", "a"], [entry])).rejects.toThrow(TypeError);
  });
});

describe.each([...COMMANDS])("the command $name", (entry) => {
  test("is loaded under the name and summary that the table has", async () => {
    const command = await entry.load();
    expect([command.name, command.summary]).toEqual([entry.name, entry.summary]);
  });

  test("has examples, and each of them is a line that its own declaration accepts", async () => {
    const command = await entry.load();
    expect(command.examples.length).toBeGreaterThan(0);
    for (const example of command.examples) {
      // What stands after a pipe or a `$` is the shell's; the first word is the program.
      const [program, ...line] = example.split(/ [|&>]/)[0]?.split(" ") ?? [];
      expect(program).toBe("omni");
      const quiet: Command = { ...command, run: async () => 0 };
      expect(await main(line, [{ ...entry, load: async () => quiet }])).toBe(0);
    }
  });
});

describe("completions", () => {
  test.each(["bash", "zsh", "fish"])("%s learns every command and flag", async (shell) => {
    expect(await main(["completions", shell], [probe().entry])).toBe(0);
    for (const word of ["probe", "help", "completions", "deep", "port"]) expect(written(out)).toContain(word);
  });

  test("bash offers what fits", async () => {
    await main(["completions", "bash"], [probe().entry]);
    const script = `${written(out)}\nCOMP_WORDS=(omni probe --de); COMP_CWORD=2; _omni; echo "$COMPREPLY"; COMP_WORDS=(omni pr); COMP_CWORD=1; _omni; echo "$COMPREPLY"`;
    const bash = Bun.spawnSync(["bash", "-c", script]);
    expect(bash.stdout.toString()).toBe("--deep\nprobe\n");
  });
});

test("asking for the version loads neither the web server nor the store", () => {
  const source = `import { main, COMMANDS } from "./src/cli/main.ts";
    await main(["version"], COMMANDS);
    const loaded = Object.keys(require.cache).filter((path) => /node_modules.(elysia|typebox|drizzle-orm|@sinclair)/.test(path));
    console.log(loaded.length);`;
  const child = Bun.spawnSync([process.execPath, "-e", source], { cwd: `${import.meta.dir}/../..` });
  expect(child.stdout.toString()).toMatch(/^omni \d+\.\d+\.\d+ .*\n0\n$/);
});
