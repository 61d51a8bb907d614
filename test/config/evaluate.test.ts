import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { withBuiltIn } from "../../src/config/built-in-providers.ts";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { evaluate } from "../../src/config/evaluate.ts";
import { loadConfig } from "../../src/config/load.ts";
import { makeFolder, unmark } from "./folders.ts";

// Processes are started here; on a machine that is busy with other things they take their time.
setDefaultTimeout(60_000);

const configFile = (text: string, name = "omni.config.ts"): string => join(makeFolder({ [name]: text }), name);

describe("a configuration that can not be evaluated", () => {
  test.each([
    {
      claim: "throws: told at the line",
      text: "const wanted = 1;\nexport default (() => {\n  ‸throw new Error(`no ${wanted}`);\n})();\n",
      code: "OMNI-C003",
      what: "the configuration threw Error: no 1",
      // The engine points at where the error is made.
      shift: 10,
    },
    {
      claim: "has a syntax error: told at the line",
      text: "export default {\n  providers: {,\n};\n".replace(",", "‸,"),
      code: "OMNI-C002",
      what: 'syntax: Expected identifier but found ","',
    },
    {
      claim: "imports a file that is not there",
      text: 'import { a } from ‸"./nowhere.ts";\nexport default a;\n',
      code: "OMNI-C004",
      what: 'there is no file "./nowhere.ts"',
    },
    {
      claim: "imports a package that is not there",
      text: 'import a from ‸"left-pad-of-nobody";\nexport default a;\n',
      code: "OMNI-C004",
      what: 'there is no package "left-pad-of-nobody"',
    },
    {
      claim: "imports what omni does not have",
      text: 'import { ‸defineConfg } from "omni";\nexport default defineConfg({});\n',
      code: "OMNI-C004",
      what: '"omni" exports no "defineConfg"',
    },
    {
      claim: "exports nothing",
      text: "‸export const config = {};\n",
      code: "OMNI-C006",
      what: "the configuration exports nothing by default",
    },
    {
      claim: "calls a provider that there is not",
      text: 'import { provider } from "omni";\nexport default { providers: { a: provider.‸opnai() } };\n',
      code: "OMNI-C003",
      fix: 'did you mean "openai"?',
    },
    {
      claim: "holds a function, in a list",
      text: "export default { list: [1, ‸() => 2] };\n",
      code: "OMNI-C007",
      what: "list.1 is a function, and functions are not supported yet",
    },
    {
      claim: "is a function",
      text: "export default () => ({});\n",
      code: "OMNI-C007",
      what: "the configuration is a function, and functions are not supported yet",
    },
    { claim: "holds a bigint", text: "export default { ‸a: 1n };\n", code: "OMNI-C007", what: "a is a bigint" },
    { claim: "holds a symbol", text: 'export default { ‸a: Symbol("x") };\n', code: "OMNI-C007", what: "a is a symbol" },
    { claim: "holds a date", text: "export default { ‸a: new Date(0) };\n", code: "OMNI-C007", what: "a is an object of class Date" },
    { claim: "holds no number", text: "export default { ‸a: 0 / 0 };\n", code: "OMNI-C007", what: "a is NaN" },
    { claim: "holds a hole", text: "export default { a: [1, undefined] };\n", code: "OMNI-C007", what: "a.1 is undefined" },
    {
      claim: "holds itself",
      text: "const a: { b?: unknown } = {};\na.b = a;\nexport default { a };\n",
      code: "OMNI-C007",
      what: "a.b refers back to something that it is a part of",
    },
  ])("$claim", async ({ text: marked, code, what, fix, shift = 0 }) => {
    const { text, line, column } = unmark(marked);
    const file = configFile(text);
    const result = await loadConfig({ file });
    expect(result.ok).toBe(false);
    const [first] = result.ok ? [] : result.diagnostics;
    expect(first).toMatchObject({
      code,
      file,
      ...(marked.includes("‸") && { line, column: column + shift }),
      ...(what && { what }),
      ...(fix && { fix }),
    });
  });

  test("is ended when it does not end, and leaves no process", async () => {
    const folder = makeFolder({
      "omni.config.ts":
        'import { writeFileSync } from "node:fs";\nwriteFileSync("pid", String(process.pid));\nwhile (true) {}\nexport default {};\n',
    });
    const result = await evaluate(join(folder, "omni.config.ts"), { limitMs: 2500 });
    expect(result).toMatchObject({ ok: false, diagnostics: [{ code: "OMNI-C005", what: "the configuration gave no value within 2.5 s" }] });
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  test("is told when it ends its own process", async () => {
    const result = await evaluate(configFile("process.exit(7);\nexport default {};\n"));
    expect(result).toMatchObject({
      ok: false,
      diagnostics: [{ code: "OMNI-C006", what: "the configuration ended its own process (exit code 7) before it gave a value" }],
    });
  });

  test("is given up for a newer one", async () => {
    const newer = new AbortController();
    const evaluation = evaluate(configFile("while (true) {}\nexport default {};\n"), { signal: newer.signal });
    newer.abort(new Error("superseded"));
    expect(evaluation).rejects.toThrow("superseded");
  });
});

describe("what comes out of an evaluation", () => {
  test("is data, whatever the configuration prints and changes on its way", async () => {
    const file = configFile(`console.log("noise");
console.error("more of it");
JSON.stringify = () => "not this";
Object.defineProperty(globalThis, "Response", { value: undefined });
export default { a: [1, "b", null, true, { c: undefined }] };
`);
    expect(await evaluate(file)).toMatchObject({ ok: true, value: { a: [1, "b", null, true, {}] } });
  });

  test("may be a megabyte", async () => {
    const result = await evaluate(
      configFile('export default { text: "x".repeat(1_000_000), list: Array.from({ length: 50_000 }, (_, i) => i) };\n'),
    );
    expect(result.ok && (result.value as { text: string }).text.length).toBe(1_000_000);
    expect(result.ok && (result.value as { list: number[] }).list.at(-1)).toBe(49_999);
  });

  test("knows its files, and none of ours", async () => {
    const folder = makeFolder({
      "omni.config.ts":
        'import { a } from "./lib/a.ts";\nimport { defineConfig } from "omni";\nexport default { a, b: typeof defineConfig };\n',
      "lib/a.ts": 'import b from "./b.json";\nexport const a = b.b;\n',
      "lib/b.json": '{ "b": 5 }',
    });
    const result = await evaluate(join(folder, "omni.config.ts"));
    expect(result).toMatchObject({ ok: true, value: { a: 5, b: "function" } });
    expect([...result.files].sort()).toEqual(["lib/a.ts", "lib/b.json", "omni.config.ts"].map((file) => join(folder, file)));
  });

  test("knows where providers were made", async () => {
    const file = configFile(
      'import { provider } from "omni";\nconst options = {};\nexport default { providers: {\n  a: provider.openai(options),\n} };\n',
    );
    const result = await evaluate(file);
    expect(result.ok && result.places["/providers/a"]).toMatchObject({ file, line: 4 });
  });

  test("does not depend on credentials in the environment, which it can not see", async () => {
    process.env["OMNI_TEST_SECRET_KEY"] = "sk-live-abcdef123456";
    process.env["OMNI_ENV"] = "production";
    try {
      const file = configFile("export default { keys: Object.keys(process.env), seen: process.env.OMNI_ENV };\n");
      const result = await evaluate(file);
      expect(result.ok && (result.value as { seen: string }).seen).toBe("production");
      expect(JSON.stringify(result)).not.toContain("OMNI_TEST_SECRET_KEY");
      expect(result.ok && (result.value as { keys: string[] }).keys).not.toContain("BUN_INSTALL");
    } finally {
      delete process.env["OMNI_TEST_SECRET_KEY"];
      delete process.env["OMNI_ENV"];
    }
  });

  test("obeys no bunfig.toml and no .env that lie in its folder", async () => {
    const folder = makeFolder({
      "omni.config.ts": "export default { preloaded: String(globalThis.preloaded), dotenv: String(process.env.OMNI_TEST_DOTENV) };\n",
      "bunfig.toml": 'preload = ["./preload.ts"]\n',
      "preload.ts": "globalThis.preloaded = true;\n",
      ".env": "OMNI_TEST_DOTENV=yes\n",
    });
    expect(await evaluate(join(folder, "omni.config.ts"))).toMatchObject({
      ok: true,
      value: { preloaded: "undefined", dotenv: "undefined" },
    });
  });
});

describe("other formats", () => {
  const DATA = { providers: { s: { kind: "simulator" } }, combos: { a: { chat: ["s/writer"] } }, default: "combo:a" };

  test("JSON holds the same", async () => {
    const result = await loadConfig({ folder: makeFolder({ "omni.config.json": JSON.stringify({ $schema: "./x.json", ...DATA }) }) });
    expect(result.ok && result.data).toEqual(withBuiltIn(DATA as never));
  });

  test("YAML holds the same", async () => {
    const text = "providers:\n  s: { kind: simulator }\ncombos:\n  a:\n    chat:\n      - s/writer\ndefault: combo:a\n";
    const result = await loadConfig({ folder: makeFolder({ "omni.config.yaml": text }) });
    expect(result.ok && result.data).toEqual(withBuiltIn(DATA as never));
  });

  test.each([
    { name: "omni.config.json", text: '{\n  "providers": { "s": { "kind": "simulator" } },\n  ‸"defalt": "s/writer"\n}\n' },
    { name: "omni.config.json", text: '{\n  "providers": { "s": { ‸"kind": "simulater" } }\n}\n' },
    { name: "omni.config.json", text: '{\n  "providers": {‸,}\n}\n' },
    { name: "omni.config.yaml", text: "providers:\n  s:\n    ‸kind: simulater\n" },
    { name: "omni.config.yaml", text: "providers:\n  s:\n    kind: simulator\ncombos:\n  a:\n    chat:\n      - ‸s/writre\n" },
    {
      name: "omni.config.yaml",
      text: "providers:\n  s:\n    kind: simulator\ncombos:\n  a:\n    strategy: weighted\n    chat:\n    - to: s/writer\n      ‸weight: 0\n",
    },
  ])("$name: a mistake is told at its place", async ({ name, text: marked }) => {
    const { text, line, column } = unmark(marked);
    const result = await loadConfig({ folder: makeFolder({ [name]: text }) });
    expect(result.ok ? [] : result.diagnostics.map((found) => [found.line, found.column])).toEqual([[line, column]]);
  });
});

test("a configuration behind symbolic links, as Kubernetes mounts them, is one file with one name", async () => {
  const folder = makeFolder({
    "..v1/omni.config.ts": 'import { a } from "./a.ts";\nexport default { providers: {}, a };\n',
    "..v1/a.ts": "export const a = 1;\n",
  });
  symlinkSync("..v1", join(folder, "..data"));
  symlinkSync("..data/omni.config.ts", join(folder, "omni.config.ts"));
  const result = await loadConfig({ folder });
  expect(result.file).toBe(join(folder, "omni.config.ts"));
  expect(result.files).toEqual([join(folder, "omni.config.ts"), join(folder, "..v1/omni.config.ts"), join(folder, "..v1/a.ts")]);
  expect(result.ok ? [] : result.diagnostics.map(({ file, line }) => [file, line])).toContainEqual([
    join(folder, "..v1/omni.config.ts"),
    2,
  ]);
});
