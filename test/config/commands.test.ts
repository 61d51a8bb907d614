import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "./folders.ts";

// Processes are started here; on a machine that is busy with other things they take their time.
setDefaultTimeout(60_000);

const ROOT = join(import.meta.dir, "..", "..");
const GOOD = `import { defineConfig, provider } from "omni";
export default defineConfig({
  providers: { s: provider.simulator() },
  combos: { smart: { chat: ["s/writer"] } },
});
`;
const BAD = GOOD.replace('"s/writer"', '"s/writre"');

/** Runs a command as the program does, in a folder. */
function run(folder: string, verb: "check" | "init", flags: object = {}, environment: Record<string, string> = {}) {
  const script = `import { command } from ${JSON.stringify(join(ROOT, `src/cli/${verb}.ts`))}; process.exit(await command.run(${JSON.stringify({ flags, args: [] })}));`;
  const child = Bun.spawnSync([process.execPath, "--no-install", "--no-env-file", "-e", script], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...environment },
    stdin: "ignore",
  });
  return { code: child.exitCode, stdout: child.stdout.toString(), stderr: child.stderr.toString() };
}

describe("omni check", () => {
  test("says what it has looked at, and ends with 0", () => {
    const { code, stdout } = run(makeFolder({ "omni.config.ts": GOOD }), "check");
    expect(stdout).toMatch(
      /^combo .*\nsmart +1 +2 +600 s +0\.0000\n\nomni\.config\.ts holds: 1 provider, 1 combo, \d+ routes\. Start it with: omni serve\n$/,
    );
    expect(code).toBe(0);
  });

  test("foresees what is lost where, and hints at it where it matters which target answers", () => {
    const config = `import { defineConfig, provider } from "omni";
export default defineConfig({
  providers: { claude: provider.anthropic(), gpt: provider.openai() },
  combos: { even: { chat: ["gpt/gpt-5", "gpt/gpt-5.1"] }, smart: { chat: ["claude/claude-opus-5", "combo:even"] } },
});
`;
    const folder = makeFolder({ "omni.config.ts": config });
    expect(run(folder, "check", { "no-types": true }).stdout).toStartWith(
      "Not all targets have a place for all that a request may say, in smart. What would be lost where: omni check --losses\n",
    );
    const { losses } = JSON.parse(run(folder, "check", { json: true, losses: true, "no-types": true }).stdout) as { losses: object[] };
    expect(losses).toContainEqual({
      combo: "smart",
      target: "claude/claude-opus-5",
      formats: ["openai-chat"],
      lost: expect.arrayContaining(["audio", "n", "seed", "logit_bias"]),
    });
    expect(losses).toContainEqual({
      combo: "even",
      target: "gpt/gpt-5",
      formats: ["anthropic-messages"],
      lost: expect.arrayContaining(["top_k"]),
    });
    // Its own format loses nothing.
    expect(losses).not.toContainEqual(expect.objectContaining({ target: "gpt/gpt-5", formats: expect.arrayContaining(["openai-chat"]) }));
    expect(run(folder, "check", { losses: true, "no-types": true }).stdout).toMatch(
      /smart +claude\/claude-opus-5 +openai-chat +audio, n, /,
    );
  });

  test("says what is wrong, where, on which line, and how to mend it, and ends with 1", () => {
    const { code, stdout } = run(makeFolder({ "omni.config.ts": BAD }), "check");
    expect(stdout).toBe(`error "s/writre" names no chat model that s is known to have  OMNI-C021
  omni.config.ts:4:29
  4 │   combos: { smart: { chat: ["s/writre"] } },
                                  ^^^^^^^^^^
  fix did you mean "s/writer"? If not, add it to that provider: models: { chat: ["writre"] }

1 error. Mend and try again: omni check
`);
    expect(code).toBe(1);
  });

  test("gives machines the same as JSON, and nothing but JSON", () => {
    const { code, stdout } = run(makeFolder({ "omni.config.ts": `console.log("noise");\n${BAD}` }), "check", { json: true });
    expect(JSON.parse(stdout)).toEqual({
      format: 1,
      ok: false,
      file: "omni.config.ts",
      checked: null,
      worst: [],
      diagnostics: [
        {
          file: "omni.config.ts",
          line: 5,
          column: 29,
          code: "OMNI-C021",
          what: '"s/writre" names no chat model that s is known to have',
          fix: 'did you mean "s/writer"? If not, add it to that provider: models: { chat: ["writre"] }',
          severity: "error",
        },
      ],
    });
    expect(code).toBe(1);
  });

  test("marks the line in a pull request", () => {
    const { stdout } = run(makeFolder({ "omni.config.ts": BAD }), "check", {}, { GITHUB_ACTIONS: "true" });
    expect(stdout).toContain(
      '::error file=omni.config.ts,line=4,col=29,title=OMNI-C021::"s/writre" names no chat model that s is known to have%0Adid you mean',
    );
  });

  test("takes another file, and OMNI_ENV", () => {
    const text = GOOD.replace("});\n", '  environments: { dev: { default: "combo:smart" } },\n});\n');
    const folder = makeFolder({ "deep/other.config.ts": text });
    expect(run(folder, "check", { config: "deep/other.config.ts" }, { OMNI_ENV: "dev" }).code).toBe(0);
    const { code, stdout } = run(folder, "check", { config: "deep/other.config.ts" }, { OMNI_ENV: "prod" });
    expect(stdout).toContain('the configuration has no environment "prod"');
    expect(code).toBe(1);
  });

  test("leaves types out when asked to", () => {
    const folder = makeFolder({ "omni.config.ts": `const a: number = "x";\n${GOOD}` });
    expect(run(folder, "check").stdout).toContain("omni.config.ts:1:7");
    expect(run(folder, "check", { "no-types": true }).code).toBe(0);
  });
});

describe("omni init", () => {
  test("writes what holds and needs no key, where none is found", () => {
    const folder = makeFolder({});
    const { code, stdout, stderr } = run(folder, "init", { yes: true });
    expect(stdout).toStartWith("+ omni.config.ts\n+ tsconfig.json\n+ .omni/omni.d.ts\n");
    expect(stderr).toMatch(/No key found \(looked for (?:\w+, )*OPENAI_API_KEY\b/);
    expect(code).toBe(0);
    expect(run(folder, "check", { secrets: true })).toMatchObject({ code: 0 });
    const types = Bun.spawnSync([process.execPath, "check", "--no-pretty"], { cwd: folder });
    expect(types.exitCode).toBe(0);
  });

  test("proposes the providers whose keys are there, and writes no key", () => {
    const folder = makeFolder({});
    const environment = { OPENAI_API_KEY: "sk-live-abcdef123456" };
    const { stdout, stderr } = run(folder, "init", { yes: true }, environment);
    const text = readFileSync(join(folder, "omni.config.ts"), "utf8");
    expect(text).toContain('openai: provider.openai({ apiKey: secret.env("OPENAI_API_KEY") })');
    expect(text + stdout + stderr).not.toContain("abcdef");
    expect(run(folder, "check", { secrets: true }, environment).code).toBe(0);
  });

  test("overwrites nothing but its own declarations", () => {
    const folder = makeFolder({ "omni.config.ts": BAD, "tsconfig.json": "{}", ".omni/omni.d.ts": "old" });
    const { code, stdout } = run(folder, "init", { yes: true });
    expect(stdout).toContain("= tsconfig.json (kept)\n+ .omni/omni.d.ts\n");
    expect(readFileSync(join(folder, "omni.config.ts"), "utf8")).toBe(BAD);
    expect(readFileSync(join(folder, "tsconfig.json"), "utf8")).toBe("{}");
    expect(code).toBe(0);
  });

  test("has its declarations kept up to date by omni check", () => {
    const folder = makeFolder({ "omni.config.ts": GOOD, ".omni/omni.d.ts": "old" });
    run(folder, "check");
    expect(readFileSync(join(folder, ".omni/omni.d.ts"), "utf8")).toContain('declare module "omni"');
  });
});
