import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { checkConfig } from "../../src/config/check-config.ts";
import { loadConfig } from "../../src/config/load.ts";
import { makeFolder } from "./folders.ts";

// Processes are started here; on a machine that is busy with other things they take their time.
setDefaultTimeout(60_000);

const ROOT = join(import.meta.dir, "..", "..");

describe("environments", () => {
  const folder = makeFolder({
    "omni.config.ts": `import { defineConfig, provider, secret } from "omni";
export default defineConfig({
  providers: { o: provider.openai({ timeout: "60s" }), s: provider.simulator() },
  combos: { smart: { timeout: "5m", chat: ["o/gpt-5.1", "o/gpt-5"] } },
  server: { port: 1, drain: "10s" },
  environments: {
    dev: { combos: { smart: { chat: ["s/writer"] } }, server: { drain: "1s" } },
    prod: { providers: { o: { apiKey: secret.file("/run/o") } }, default: "combo:smart" },
  },
});
`,
  });

  test("none is merged unless one is asked for, and keys have their usual place", async () => {
    const result = await loadConfig({ folder });
    expect(result.ok && result.data).toEqual({
      providers: {
        o: { kind: "openai", timeout: "60s", apiKey: { $secret: "env", name: "OPENAI_API_KEY" } },
        s: { kind: "simulator" },
        local: { kind: "local" },
      },
      combos: { smart: { timeout: "5m", chat: ["o/gpt-5.1", "o/gpt-5"] } },
      server: { port: 1, drain: "10s" },
    });
    expect(result.ok && result.environments).toEqual(["dev", "prod"]);
  });

  test("objects merge, lists replace", async () => {
    const result = await loadConfig({ folder, environment: "dev" });
    expect(result.ok && result.data.combos).toEqual({ smart: { timeout: "5m", chat: ["s/writer"] } });
    expect(result.ok && result.data.server).toEqual({ port: 1, drain: "1s" });
  });

  test("a key of an environment is stronger than its usual place", async () => {
    const result = await loadConfig({ folder, environment: "prod" });
    expect(result.ok && result.data.providers["o"]?.apiKey).toEqual({ $secret: "file", name: "/run/o" });
    expect(result.ok && result.data.default).toBe("combo:smart");
  });

  test("one that there is not is refused", async () => {
    const result = await loadConfig({ folder, environment: "prd" });
    expect(result.ok ? [] : result.diagnostics).toMatchObject([
      { code: "OMNI-C032", line: 6, column: 3, what: 'the configuration has no environment "prd"', fix: 'did you mean "prod"?' },
    ]);
  });
});

test("without a file, the way to one is told", async () => {
  const folder = makeFolder({});
  expect(await loadConfig({ folder })).toMatchObject({ ok: false, diagnostics: [{ code: "OMNI-C001", fix: "write one with: omni init" }] });
  expect(await loadConfig({ folder, file: "other.ts" })).toMatchObject({
    ok: false,
    diagnostics: [{ what: `there is no file ${folder}/other.ts` }],
  });
});

test("a mistake in options that were put together elsewhere is told at the call", async () => {
  const folder = makeFolder({
    "omni.config.ts": `import { provider } from "omni";
const options: any = Object.fromEntries([["time" + "out", "so" + "on"]]);
export default { providers: {
  o: provider.openai(options),
} };
`,
  });
  const result = await loadConfig({ folder });
  expect(result.ok ? [] : result.diagnostics).toMatchObject([{ line: 4, what: '"soon" is not a duration' }]);
});

test("no secret that is written in a configuration is shown, wherever else it appears", async () => {
  const folder = makeFolder({
    "omni.config.ts": `import { provider } from "omni";
const key = "correct-horse"; const wait = "correct-horse";
export default { providers: { o: provider.openai({ apiKey: key as any, timeout: wait as any }), p: provider.openai({ apikey: "battery-staple", baseUrl: "https://u:stapler@x" } as any) } };
`,
  });
  const shown = JSON.stringify((await checkConfig({ folder })).diagnostics);
  expect(shown).toContain("OMNI-C013");
  expect(shown).not.toMatch(/correct-horse|battery-staple|stapler/);
});

test("secrets are only looked for when that is asked for, and are not shown", async () => {
  const folder = makeFolder({
    "omni.config.ts": `import { defineConfig, provider, secret } from "omni";
export default defineConfig({
  providers: {
    a: provider.openai({ apiKey: secret.env("OMNI_TEST_NOT_SET") }),
    b: provider.openai({ apiKey: secret.file("key") }),
    c: provider.openai({ apiKey: secret.exec(["cat", "key"]) }),
  },
});
`,
    key: "correct-horse\n",
  });
  expect(await checkConfig({ folder })).toMatchObject({ ok: true, diagnostics: [] });
  const { ok, diagnostics } = await checkConfig({ folder, secrets: true });
  expect(ok).toBe(false);
  expect(diagnostics).toMatchObject([
    {
      code: "OMNI-C040",
      line: 4,
      column: 26,
      what: "Cannot read a secret: environment variable OMNI_TEST_NOT_SET is not set. Set it where the gateway is started.",
    },
  ]);
  expect(JSON.stringify(diagnostics)).not.toContain("correct-horse");
});

describe("the operator's files in this repository", () => {
  test("hold, and serve without a key", async () => {
    const result = await checkConfig({ folder: ROOT, secrets: true });
    expect(result.diagnostics).toEqual([]);
    expect(result.loaded.ok && Object.values(result.loaded.data.providers).map(({ kind }) => kind)).toEqual(["simulator", "local"]);
  });

  test.each([...new Glob("config/examples/*.ts").scanSync(ROOT)].sort())("%s holds, in every environment", async (file) => {
    expect(await checkConfig({ folder: ROOT, file })).toMatchObject({ ok: true, diagnostics: [] });
  });
});
