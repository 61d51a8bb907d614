import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { makeFolder } from "../config/folders.ts";

// Processes are started here; on a machine that is busy with other things they take their time.
setDefaultTimeout(60_000);

const ENTRY = join(import.meta.dir, "../../scripts/omni.ts");
const CONFIG = `import { defineConfig, provider } from "omni";
export default defineConfig({
  providers: {
    a: provider.openaiCompatible({ baseUrl: "http://127.0.0.1:1/v1", models: { chat: ["m"] } }),
    b: provider.openaiCompatible({ baseUrl: "http://127.0.0.1:2/v1", models: { chat: ["m"] } }),
  },
  prices: { "a/*": { input: 1, output: 2 }, "b/*": "free" },
  combos: { smart: { chat: ["a/m", "b/m"] } },
  environments: { alone: { combos: { smart: { chat: ["b/m"] } } } },
});
`;

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function simulate(args: readonly string[], config: string | null = CONFIG): Result {
  const folder = makeFolder(config === null ? {} : { "omni.config.ts": config });
  const run = Bun.spawnSync([process.execPath, ENTRY, "simulate", ...args], { cwd: folder, stderr: "pipe" });
  return { code: run.exitCode, stdout: run.stdout.toString(), stderr: run.stderr.toString() };
}

/** What is printed, but for the time that it took. */
const jsonOf = ({ stdout }: Result): Record<string, unknown> => ({ ...JSON.parse(stdout), tookMs: undefined });

describe("omni simulate", () => {
  test("prints the same JSON for the same seeds, and nothing else", () => {
    const [first, again, other] = [
      simulate(["--seeds", "30", "--json"]),
      simulate(["--seeds", "30", "--json"]),
      simulate(["--seeds", "31", "--json"]),
    ];
    expect(first.stdout.trim().split("\n").length).toBe(1);
    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(jsonOf(first)).toMatchObject({
      format: 1,
      seed: 1,
      seeds: 30,
      scenarios: 30,
      violations: [],
      config: "file",
      attemptsUnpriced: 0,
    });
    expect(jsonOf(again)).toEqual(jsonOf(first));
    expect(jsonOf(other)["digest"]).not.toBe(jsonOf(first)["digest"]);
  });

  test("asks the configuration's own targets, of the environment that is named", () => {
    expect(Object.keys(jsonOf(simulate(["--seeds", "30", "--json"]))["servedBy"] as object).toSorted()).toEqual(["a/m", "b/m"]);
    expect(Object.keys(jsonOf(simulate(["--seeds", "30", "--json", "--env", "alone"]))["servedBy"] as object)).toEqual(["b/m"]);
  });

  test("makes configurations up where there is none, or where it is told to", () => {
    expect(jsonOf(simulate(["--seeds", "5", "--json"], null))).toMatchObject({ config: "generated", violations: [] });
    expect(jsonOf(simulate(["--seeds", "5", "--json", "--generated"]))).toMatchObject({ config: "generated" });
  });

  test("tells people what came of it", () => {
    const { code, stdout } = simulate(["--seed", "3"]);
    expect(code).toBe(0);
    expect(stdout).toContain("1 scenario from seed 3");
    expect(stdout).toMatch(/availability +\d+\.\d{3} %/);
    expect(stdout).toContain("Nothing that must hold was broken.");
  });

  test.each([
    { claim: "a number that is none", args: ["--seeds", "many"], code: 64, says: "--seeds takes a whole number from 1" },
    {
      claim: "a configuration that does not hold",
      args: ["--seeds", "1", "--env", "nowhere"],
      code: 1,
      says: 'has no environment "nowhere"',
    },
  ])("refuses $claim", ({ args, code, says }) => {
    const result = simulate(args);
    expect([result.code, result.stdout]).toEqual([code, ""]);
    expect(result.stderr).toContain(says);
  });
});
