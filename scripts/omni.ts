// The program: what the launcher runs and what `dist/omni` is built from. It lies outside `src` because it joins what may not know each other:
// the commands of `src/cli` and the benchmark, which uses all of `src` and is used by none of it.
import "../src/cli/boot.ts";
import type { CommandEntry } from "../src/cli/command.ts";
import { COMMANDS, main } from "../src/cli/main.ts";

const bench: CommandEntry = {
  name: "bench",
  summary: "Measure the gateway beside a bare pass-through, and beside nginx where it is installed.",
  load: async () => (await import("../bench/bench.ts")).command,
};

process.exitCode = await main(process.argv.slice(2), [...COMMANDS, bench]);
