import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { checkConfig, withoutTwins } from "../../src/config/check-config.ts";
import { loadConfig } from "../../src/config/load.ts";
import { typeCheck } from "../../src/config/type-check.ts";
import { makeFolder, unmark } from "./folders.ts";
import { MISTAKES, sourceOf } from "./mistakes.ts";

// Processes are started here; on a machine that is busy with other things they take their time.
setDefaultTimeout(60_000);

const placeAndWhat = ({ line, column, what }: { line?: number; column?: number; what: string }) => ({ line, column, what });

test.each(MISTAKES)("$claim is told by the types and at run time, once, at its place, with the way out", async (mistake) => {
  const { text, line, column } = unmark(sourceOf(mistake));
  const folder = makeFolder({ "omni.config.ts": text });
  const file = join(folder, "omni.config.ts");
  const [typed, loaded] = await Promise.all([typeCheck(file), loadConfig({ folder, everyEnvironment: true })]);
  const found = loaded.ok ? loaded.warnings : loaded.diagnostics;

  expect(typed.map(placeAndWhat)).toEqual(mistake.types === undefined ? [] : [{ line, column, what: mistake.types }]);
  expect(found.map(placeAndWhat)).toEqual([{ line, column, what: mistake.runTime }]);
  expect(found[0]).toMatchObject({ file, fix: mistake.fix, severity: "error" });
  expect(withoutTwins(found, typed)).toEqual([...found]);
  expect(JSON.stringify([found, typed.map((diagnostic) => loaded.report?.complete(diagnostic))])).not.toMatch(/abcdef|hunter2|letmein/);
});

test("the configuration around the mistakes holds", async () => {
  const folder = makeFolder({ "omni.config.ts": sourceOf({ claim: "", runTime: "", fix: "" }) });
  expect(await checkConfig({ folder })).toMatchObject({ ok: true, diagnostics: [] });
});

test("a function is told once, at the key that it stands behind", async () => {
  const { text, line, column } = unmark(sourceOf({ claim: "", runTime: "", fix: "", rest: "server: { ‸port: () => 80 }," }));
  const { diagnostics } = await checkConfig({ folder: makeFolder({ "omni.config.ts": text }) });
  expect(diagnostics).toHaveLength(1);
  expect(diagnostics[0]).toMatchObject({
    line,
    column,
    what: "server.port is a function, and functions are not supported yet",
    fix: "call it and put in what it gives: a configuration is data, that is texts, numbers, lists and objects",
  });
});

test("all mistakes of several files are told at once, in the order of the files", async () => {
  const folder = makeFolder({
    "omni.config.ts": `import { defineConfig } from "omni";
import { combos } from "./config/combos.ts";
import { providers } from "./config/providers.ts";
export default defineConfig({ providers, combos, default: "combo:smrt", server: { prot: 1, drain: "20 s" } });
`,
    "config/combos.ts": `import { defineCombos } from "omni";
import { providers } from "./providers.ts";
export const combos = defineCombos(providers, {
  smart: { chat: ["openai/gpt-5.1", "opnai/gpt-5"] },
});
`,
    "config/providers.ts": `import { defineProviders, provider } from "omni";
export const providers = defineProviders({
  openai: provider.openai({ apiKey: "sk-live-abcdef123456", timeout: "1 minute" }),
});
`,
  });
  const { diagnostics } = await checkConfig({ folder });
  expect(diagnostics.map(({ file, line, column, code }) => `${file?.slice(folder.length + 1)}:${line}:${column} ${code}`)).toEqual([
    "config/combos.ts:4:37 OMNI-C020",
    "config/providers.ts:3:29 OMNI-C013",
    "config/providers.ts:3:61 OMNI-C011",
    "omni.config.ts:4:50 OMNI-C022",
    "omni.config.ts:4:83 OMNI-C010",
    "omni.config.ts:4:92 OMNI-C011",
  ]);
});
