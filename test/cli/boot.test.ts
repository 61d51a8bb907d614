import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BOOT = join(import.meta.dir, "../../src/cli/boot.ts");

/** Runs a program that begins as ours does, and says what it became. */
function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { pid: number; argv: string[]; limit?: string; mode?: string; started: number } {
  const folder = mkdtempSync(join(tmpdir(), "omni-boot-"));
  try {
    writeFileSync(
      join(folder, "entry.ts"),
      `import { appendFileSync, readFileSync } from "node:fs";
       appendFileSync(${JSON.stringify(join(folder, "starts"))}, "x");
       await import(${JSON.stringify(BOOT)});
       const env = process.env;
       console.log(JSON.stringify({ pid: process.pid, argv: [...process.execArgv, ...process.argv.slice(2)], limit: env["BUN_CONFIG_MAX_HTTP_REQUESTS"], mode: env["NODE_" + "ENV"], started: readFileSync(${JSON.stringify(join(folder, "starts"))}).length }));`,
    );
    const run = Bun.spawnSync([process.execPath, "--no-install", join(folder, "entry.ts"), ...args], {
      env: { PATH: process.env["PATH"] ?? "", ...env },
      stderr: "inherit",
    });
    return { ...JSON.parse(run.stdout.toString()), spawned: run.pid };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("the start of the program", () => {
  test.each([{ args: ["serve", "--port", "0"] }, { args: [] }])(
    "with $args starts itself once more with Bun's limit of requests lifted, with the same flags and arguments",
    ({ args }) => {
      expect(start(args)).toMatchObject({ argv: ["--no-install", ...args], limit: "65535", started: 2 });
    },
  );

  test("keeps its process id, which a supervisor knows it by", () => {
    const { pid, spawned } = start(["serve"]) as { pid: number; spawned?: number };
    expect(pid).toBe(spawned as number);
  });

  test("goes on at once where the limit is set already, or for a verb that serves nothing", () => {
    expect(start(["serve"], { BUN_CONFIG_MAX_HTTP_REQUESTS: "999" })).toMatchObject({ limit: "999", started: 1 });
    expect(start(["check"])).toMatchObject({ started: 1 });
  });

  test("is production unless somebody said otherwise", () => {
    expect([start(["check"]).mode, start(["check"], { NODE_ENV: "development" }).mode, start(["serve"]).mode]).toEqual([
      "production",
      "development",
      "production",
    ]);
  });
});
