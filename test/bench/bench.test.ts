import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ENTRY = join(import.meta.dir, "../../scripts/omni.ts");

async function omniBench(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = Bun.spawn([process.execPath, ENTRY, "bench", ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, CI: "1" },
  });
  const [stdout, stderr, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  return { code, stdout, stderr };
}

describe("omni bench", () => {
  test("prints nothing but JSON for --json -, the progress on stderr, and compares with what it wrote", async () => {
    const folder = mkdtempSync(join(tmpdir(), "omni-bench-test-"));
    const file = join(folder, "run.json");
    const { code, stdout, stderr } = await omniBench(["micro", "--quick", "--json", "-"]);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ format: 1, kind: "omni-bench", suites: ["micro"], ratios: { cpuPerRequestVsPassThrough: null } });
    expect(report.figures.map((figure: { rounds: number }) => figure.rounds)).toEqual(report.figures.map(() => report.pace.rounds));
    expect(stderr).toContain("micro: routing");
    writeFileSync(file, stdout);
    const compared = await omniBench(["micro", "--quick", "--compare", file, "--budget"]);
    rmSync(folder, { recursive: true });
    // The requests were not measured, so the budget can not be said to be kept.
    expect(compared.code).toBe(3);
    expect(compared.stdout).toContain("routing / look up a name");
    expect(compared.stdout).toContain("Compared with the run of");
    expect(compared.stderr).toContain("not measured");
  }, 30_000);

  test.each([
    { claim: "a suite that there is not", args: ["macro"], code: 64, says: 'no suite "macro"' },
    { claim: "a file to compare with that is no run", args: ["micro", "--compare", ENTRY], code: 1, says: "it is no saved run" },
  ])("refuses $claim, and says what to type", async ({ args, code, says }) => {
    const run = await omniBench(args);
    expect(run.code).toBe(code);
    expect(run.stdout).toBe("");
    expect(run.stderr).toContain(says);
    expect(run.stderr).toContain("omni bench");
  });

  test.each(["__upstream", "__pass-through", "__load"])("a process in the role %s ends with its input", async (role) => {
    const child = Bun.spawn([process.execPath, ENTRY, "bench", role], { stdin: "pipe", stdout: "ignore", stderr: "inherit" });
    child.stdin.end();
    expect(await child.exited).toBe(0);
  });
});
