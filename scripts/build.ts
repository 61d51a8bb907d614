// `bun run build`: makes `dist/omni`, one file that needs nothing beside it. `--target bun-linux-arm64` and the like build for other machines.
import { mkdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";

const root = join(import.meta.dir, "..");
const { values } = parseArgs({ options: { target: { type: "string" }, outfile: { type: "string", default: join(root, "dist", "omni") } } });

mkdirSync(join(values.outfile, ".."), { recursive: true });
const startNs = Bun.nanoseconds();
const build = Bun.spawnSync([process.execPath, "build", ...buildArguments()], { cwd: root, stdout: "ignore", stderr: "inherit" });
if (build.exitCode !== 0) process.exit(1);
const megabytes = (statSync(values.outfile).size / 1e6).toFixed(0);
console.log(`${relative(process.cwd(), values.outfile)}: ${megabytes} MB in ${((Bun.nanoseconds() - startNs) / 1e9).toFixed(1)} s`);

function buildArguments(): string[] {
  return [
    "--compile",
    ...(values.target === undefined ? [] : [`--target=${values.target}`]),
    // Not implied by `--compile`, whatever the help says: without it NODE_ENV is compiled in as "development".
    "--production",
    "--minify",
    // Errors keep the names and lines of the source.
    "--sourcemap",
    // Halves the time to the first answer. It needs `esm`, or the top-level await of the entry is a syntax error.
    "--bytecode",
    "--format=esm",
    // By default a `bunfig.toml` or `.env` in whatever folder the binary is started from would be obeyed, preloads included.
    "--no-compile-autoload-dotenv",
    "--no-compile-autoload-bunfig",
    `--define=OMNI_COMMIT=${JSON.stringify(commit())}`,
    `--outfile=${values.outfile}`,
    join(root, "scripts", "omni.ts"),
    // A thread has its own program, which nothing imports.
    join(root, "src", "ledger", "drain-worker.ts"),
    join(root, "src", "providers", "local", "reader-worker.ts"),
  ];
}

/** The commit, marked where the files are not what was committed. An image is built without git; it passes `OMNI_COMMIT`. */
function commit(): string {
  const given = process.env["OMNI_COMMIT"];
  if (given || Bun.which("git") === null) return given || "unknown";
  const git = Bun.spawnSync(["git", "describe", "--always", "--abbrev=12", "--dirty", "--exclude=*"], { cwd: root, stderr: "ignore" });
  return git.exitCode === 0 ? git.stdout.toString().trim() : "unknown";
}
