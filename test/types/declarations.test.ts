import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { camelCase } from "../../src/config/config.ts";
import { omniDeclarations } from "../../src/config/declarations.ts";
import { typeCheck } from "../../src/config/type-check.ts";
import { PROVIDERS } from "../../src/providers/index.ts";
import type { ProviderDefinition } from "../../src/providers/provider.ts";
import { makeFolder, unmark } from "../config/folders.ts";

// Processes are started here; on a machine that is busy with other things they take their time.
setDefaultTimeout(60_000);

const ROOT = join(import.meta.dir, "..", "..");

// Other errors than those in question are the gate's business.
describe("the sources' own types", () => {
  test.each([
    {
      claim: "refuse what they should, and nothing else",
      args: ["test/types/config-mistakes.ts"],
      error: /^test\/types\/config-mistakes\.ts.*/m,
    },
    { claim: "are written out wherever they are exported", args: ["--project", "src"], error: /^.*error TS9\d{3}.*/m },
  ])("$claim", ({ args, error }) => {
    const run = Bun.spawnSync([process.execPath, "check", "--no-pretty", "--no-script", ...args], { cwd: ROOT });
    const output = `${run.stdout}${run.stderr}`;
    expect(output).toMatch(/checked \d+ files|No type errors in/);
    expect(error.exec(output)?.[0]).toBeUndefined();
  });
});

describe("omni.d.ts", () => {
  test("says the same as the sources, and needs no other file", async () => {
    const folder = makeFolder({
      "omni.config.ts": `import type * as Text from "omni";
import type * as Source from "${ROOT}/src/omni.ts";
import type { Catalog } from "${ROOT}/src/config/catalog.ts";

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
const same: [
  Same<Text.Catalog, Catalog>,
  Same<typeof Text.provider, typeof Source.provider>,
  Same<typeof Text.secret, typeof Source.secret>,
  Same<typeof Text.defineConfig, typeof Source.defineConfig>,
  Same<typeof Text.defineCombos, typeof Source.defineCombos>,
  Same<typeof Text.defineProviders, typeof Source.defineProviders>,
  Same<keyof typeof Text, keyof typeof Source>,
] = [true, true, true, true, true, true, true];
export default same;
`,
    });
    const found = await typeCheck(join(folder, "omni.config.ts"));
    // The sources themselves need Bun's types, which a configuration does not get.
    expect(found.filter(({ file }) => file?.startsWith(folder))).toEqual([]);
    expect(await omniDeclarations()).not.toMatch(/^import /m);
  });

  test("has a factory and all models of every provider", async () => {
    const text = await omniDeclarations();
    for (const { name, models, openModels } of PROVIDERS as readonly ProviderDefinition[]) {
      expect(text).toContain(`readonly "${name}": {`);
      if (openModels) expect(text).toMatch(new RegExp(`readonly "${name}": { readonly models: {[^}]* readonly "chat": string `));
      if (openModels) continue;
      for (const model of Object.values(models).flat()) expect(text).toContain(JSON.stringify(model));
    }
    expect(PROVIDERS.map(({ name }) => camelCase(name))).toContain("openaiCompatible");
  });
});

describe("with more kinds of work than there are yet", () => {
  // One more line in the list of operations is all that a further kind of work costs the types.
  const double = { name: "double", models: { chat: ["talks"], embedding: ["embeds"] } } as unknown as ProviderDefinition;
  const declared = { definitions: [double], operations: ["chat", "embedding"] };
  const check = async (combos: string) => {
    const { text, line, column } = unmark(`import { defineConfig, provider } from "omni";
export default defineConfig({
  providers: { d: provider.double({ models: { embedding: ["mine"] } }) },
  combos: { ${combos} },
});
`);
    const folder = makeFolder({ "omni.config.ts": text });
    const found = await typeCheck(join(folder, "omni.config.ts"), declared);
    return { line, column, found };
  };

  test("a combo may serve several, and each list has its own models", async () => {
    expect((await check('a: { chat: ["d/talks"], embedding: ["d/embeds", "d/mine", "combo:a"] }')).found).toEqual([]);
  });

  test.each([
    { claim: "a chat model in an embedding list", combos: 'a: { embedding: ["d/embeds", ‸"d/talks"] }', value: "d/talks" },
    { claim: "an embedding model in a chat list", combos: 'a: { chat: [‸"d/embeds"] }', value: "d/embeds" },
    { claim: "a model that was added to the other list", combos: 'a: { chat: [‸"d/mine"] }', value: "d/mine" },
  ])("$claim is refused at its place", async ({ combos, value }) => {
    const { line, column, found } = await check(combos);
    expect(found).toMatchObject([{ line, column, what: `"${value}" names nothing that is declared here for this list` }]);
  });
});
