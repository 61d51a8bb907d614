// The program: what the launcher runs and what `dist/omni` is built from. It lies outside `src` because it joins what may not know each other:
// the commands of `src/cli` and the benchmark, which uses all of `src` and is used by none of it.
import "../src/cli/boot.ts";
import { COMMANDS, main } from "../src/cli/main.ts";

process.exitCode = await main(process.argv.slice(2), COMMANDS);
