import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
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
  const texts = ["Dockerfile", "README.md", ...readdirSync(join(ROOT, ".github/workflows")).map((name) => `.github/workflows/${name}`)];

  test.each(texts)("%s runs scripts that exist", (name) => {
    for (const [, script = ""] of read(name).matchAll(/\b(?:npm|bun) run (?:--silent )?([a-z]+)(?=[\s`]|$)/gm))
      expect(Object.keys(manifest.scripts)).toContain(script);
    for (const [path] of read(name).matchAll(/\b(?:scripts|\.ci)\/[\w.-]+\b/g)) expect(existsSync(join(ROOT, path))).toBe(true);
  });

  test.each(texts.filter((name) => name.endsWith(".yml")))("%s has jobs with steps", (name) => {
    const workflow = Bun.YAML.parse(read(name)) as { jobs: Record<string, { steps: { run?: string; uses?: string }[] }> };
    for (const job of Object.values(workflow.jobs)) for (const step of job.steps) expect(step.run ?? step.uses).toBeString();
  });

  test("the image is built with the Bun that is pinned", () => {
    expect(read("Dockerfile")).toContain(`FROM oven/bun:${manifest.dependencies["bun"]} `);
  });
});
