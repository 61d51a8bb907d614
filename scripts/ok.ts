// The one local gate, `bun run ok`: each step a line with its time; the first that fails stops it with its output. `--fast` leaves out the tests.
import { join } from "node:path";
import { parseArgs, styleText } from "node:util";

interface Step {
  readonly name: string;
  readonly command: readonly string[];
}

const root = join(import.meta.dir, "..");
const bun = process.execPath;
// Biome's own launcher, run by Bun: it works without a Node on the PATH, and where postinstall scripts did not run.
const biome = join(root, "node_modules", "@biomejs", "biome", "bin", "biome");

const STEPS: readonly Step[] = [
  { name: "format", command: [bun, biome, "format", "."] },
  { name: "lint", command: [bun, biome, "lint", "--error-on-warnings", "."] },
  { name: "types", command: [bun, "check"] },
  // The sources have a rule of their own: every export has its types written out.
  { name: "declarations", command: [bun, "check", "-p", "src"] },
  { name: "architecture", command: [bun, "test", "test/architecture.test.ts"] },
];
const TESTS: Step = { name: "tests", command: [bun, "test", "--parallel=2"] };

const { values } = parseArgs({ options: { fast: { type: "boolean", default: false } } });
process.exitCode = await runAll(values.fast ? STEPS : [...STEPS, TESTS]);

async function runAll(steps: readonly Step[]): Promise<number> {
  for (const step of steps) {
    const { ok, seconds, output } = await run(step);
    const mark = ok ? styleText("green", "✓") : styleText("red", "✗");
    console.log(`${mark} ${step.name.padEnd(14)}${seconds.toFixed(1).padStart(6)} s`);
    if (!ok) {
      console.error(`\n${output}\nMend it, then run \`bun run ok\` again; by itself this step is: ${step.command.join(" ")}`);
      return 1;
    }
  }
  return 0;
}

async function run(step: Step): Promise<{ ok: boolean; seconds: number; output: string }> {
  const startNs = Bun.nanoseconds();
  // One pipe for both streams would keep their order, but Bun gives one each; tools write their findings to one of them anyway.
  const child = Bun.spawn([...step.command], { cwd: root, stdout: "pipe", stderr: "pipe", env: { ...process.env, FORCE_COLOR: "0" } });
  const [stdout, stderr, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  return { ok: code === 0, seconds: (Bun.nanoseconds() - startNs) / 1e9, output: `${stdout}${stderr}` };
}
