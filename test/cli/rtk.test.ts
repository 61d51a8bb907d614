import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "../../src/cli/rtk.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "omni-rtk-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const OUTPUT = `PASS a.test.js\n${Array.from({ length: 40 }, (_, index) => `  ✓ adds ${index} items (2 ms)`).join("\n")}\nTests:       40 passed, 40 total\n`;
const FILE = join(FOLDER, "output.txt");
writeFileSync(FILE, OUTPUT);

/** What the command prints, in a process of its own as a user has it. */
async function run(args: readonly string[], input?: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = `const { command } = await import(${JSON.stringify(join(import.meta.dir, "../../src/cli/rtk.ts"))});
    const { parseInput } = await import(${JSON.stringify(join(import.meta.dir, "../../src/cli/parse.ts"))});
    process.exitCode = await command.run(parseInput(command, ${JSON.stringify(args)}));`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdin: new Blob([input ?? ""]), stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  return { code, stdout: Bun.stripANSI(stdout), stderr };
}

describe("omni rtk", () => {
  test("reads the input, and tells of each line what becomes of it", async () => {
    const { code, stdout } = await run(["--explain", "--command", "npx jest"], OUTPUT);
    expect(code).toBe(0);
    expect(stdout).toContain("-   ✓ adds 7 items (2 ms)  (passing tests)");
    expect(stdout).toContain("! Tests:       40 passed, 40 total");
    expect(stdout).toContain('Filter: test-jest, because the command is "jest".');
  });

  test("without a command two signs decide", async () => {
    const { stdout } = await run(["--explain", FILE]);
    expect(stdout).toContain("Filter: test-jest, because two signs say so");
  });

  test("prints what the gateway would send", async () => {
    const { stdout } = await run(["--command", "npx jest", FILE]);
    expect(stdout).toBe("[-41 lines: passing tests]\nTests:       40 passed, 40 total\n");
  });

  test("prints JSON alone when asked", async () => {
    const { stdout } = await run(["--json", "--explain", "--command", "cat x", FILE]);
    expect(JSON.parse(stdout)).toMatchObject({ format: 1, filter: null, why: "the command shows a file", droppedLines: 0 });
  });

  test("a file that is not there is told, and fails", async () => {
    expect(await run([join(FOLDER, "none.txt")])).toMatchObject({ code: 1, stdout: "" });
  });

  test("lists all filters", async () => {
    const { stdout } = await run(["--list", "--json"]);
    expect(JSON.parse(stdout).filters).toHaveLength(52);
  });

  test("is declared under its own name", () => {
    expect(command.name).toBe("rtk");
  });

  test("takes the filters of a configuration first", async () => {
    const config = join(FOLDER, "omni.config.ts");
    writeFileSync(
      config,
      `import { defineConfig, defineFilter, provider } from "omni";
export default defineConfig({
  providers: { s: provider.simulator() },
  policies: { rtk: { filters: [defineFilter({ id: "acme", summary: "Acme.", commands: ["acme"], drop: [{ what: "steps", lines: ["^ok "] }],
    samples: [{ claim: "steps go", command: "acme", output: "ok 1\\nE 2", survives: ["E 2"], drops: ["ok 1"] }] })] } },
});`,
    );
    const { code, stdout, stderr } = await run(["--explain", "--command", "acme", "--config", config], "ok 1\nE 2\n");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("- ok 1  (steps)");
    expect(stdout).toContain("Filter: acme, because the command is");
  });
});
