import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");
const read = (name: string): string => readFileSync(join(ROOT, name), "utf8");
const manifest: { dependencies: Record<string, string>; devDependencies: Record<string, string>; scripts: Record<string, string> } =
  JSON.parse(read("package.json"));
const pinned = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });

describe("package.json", () => {
  test.each(pinned)("pins %s exactly, as bun.lock does", (name, version) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(read("bun.lock")).toContain(`"${name}": ["${name}@${version}"`);
  });

  test.each(Object.entries(manifest.scripts))("the script %s needs no Bun on the PATH", (_name, line) => {
    expect(line).toStartWith("node scripts/omni.mjs");
  });

  test("has one lock beside it: npm writes none", () => {
    expect(read(".npmrc")).toContain("package-lock=false");
  });
});

describe("what runs elsewhere names what is here", () => {
  const texts = [
    "Dockerfile",
    "README.md",
    "ARCHITECTURE.md",
    ...readdirSync(join(ROOT, ".github/workflows")).map((name) => `.github/workflows/${name}`),
  ];

  test.each(texts)("%s runs scripts that exist", (name) => {
    for (const [, script = ""] of read(name).matchAll(/\b(?:npm|bun) run (?:--silent )?([a-z]+)(?=[\s`]|$)/gm))
      expect(Object.keys(manifest.scripts)).toContain(script);
    for (const [path] of read(name).matchAll(/\b(?:scripts|\.ci)\/[\w.-]+\b/g)) expect(existsSync(join(ROOT, path))).toBe(true);
  });

  test("the configuration in the README holds", () => {
    const folder = mkdtempSync(join(tmpdir(), "omni-readme-"));
    try {
      writeFileSync(join(folder, "omni.config.ts"), /```ts\n([\s\S]*?)```/.exec(read("README.md"))?.[1] ?? "");
      const check = Bun.spawnSync([process.execPath, join(ROOT, "scripts/omni.ts"), "check"], { cwd: folder });
      expect({ code: check.exitCode, stderr: check.stderr.toString() }).toEqual({ code: 0, stderr: "" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each(texts.filter((name) => name.endsWith(".yml")))("%s has jobs with steps", (name) => {
    const workflow = Bun.YAML.parse(read(name)) as { jobs: Record<string, { steps: { run?: string; uses?: string }[] }> };
    for (const job of Object.values(workflow.jobs)) for (const step of job.steps) expect(step.run ?? step.uses).toBeString();
  });

  test("the files that ARCHITECTURE.md names are there", () => {
    const named = [
      ...read("ARCHITECTURE.md").matchAll(
        /`((?:src\/)?(?:bytes|cli|config|gateway|ir|providers|resilience|routing|server|wire|world)\/[\w./-]+)`/g,
      ),
    ];
    const missing = named
      .map(([, name = ""]) => join(ROOT, "src", name.replace(/^src\//, "")))
      .filter((path) => !existsSync(path) && !existsSync(`${path}.ts`));
    expect(named.length).toBeGreaterThan(10);
    expect(missing).toEqual([]);
  });

  test("the image is built with the Bun that is pinned", () => {
    expect(read("Dockerfile")).toContain(`FROM oven/bun:${manifest.dependencies["bun"]} `);
  });
});
