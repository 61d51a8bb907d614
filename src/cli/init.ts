import { join } from "node:path";
import { camelCase } from "../config/config.ts";
import { DECLARATIONS_FILE, type WriteOutcome, writeDeclarations, writeOnce } from "../config/editor-files.ts";
import { findConfig } from "../config/load.ts";
import { COMPILER_OPTIONS } from "../config/type-check.ts";
import { placesOf } from "../providers/address.ts";
import { anthropic } from "../providers/anthropic.ts";
import { gemini } from "../providers/gemini.ts";
import { PROVIDERS } from "../providers/index.ts";
import { openai } from "../providers/openai.ts";
import type { ProviderDefinition } from "../providers/provider.ts";
import type { Command } from "./command.ts";

/** `omni init`. */
export const command: Command = {
  name: "init",
  summary: "Write an omni.config.ts from the keys that this environment has. Overwrites nothing.",
  flags: { yes: { type: "boolean", summary: "Do not ask." } },
  examples: ["omni init", "omni init --yes"],
  run: async ({ flags }) => {
    const folder = process.cwd();
    const found = providersIn(process.env);
    console.error(sayFound(found));
    if (flags["yes"] !== true && process.stdin.isTTY && !confirm(`Write a configuration to ${folder}?`)) return 1;
    await writeAll(folder, found);
    return 0;
  },
};

async function writeAll(folder: string, found: readonly ProviderDefinition[]): Promise<void> {
  const existing = findConfig(folder);
  if (existing === undefined) tell("omni.config.ts", writeOnce(join(folder, "omni.config.ts"), configText(found)));
  else tell(existing, "kept");
  tell("tsconfig.json", writeOnce(join(folder, "tsconfig.json"), tsconfigText()));
  tell(DECLARATIONS_FILE, await writeDeclarations(folder));
  console.log("\nSee whether it holds: omni check\nStart it: omni serve");
}

/** Which providers' own variables are set. Their values are not looked at. Who has to be told more than a key is left to the operator. */
function providersIn(environment: Readonly<Record<string, string | undefined>>): ProviderDefinition[] {
  const found = PROVIDERS.filter(isReady).filter(({ keyEnv }) => keyEnv !== undefined && Boolean(environment[keyEnv]));
  // A vendor that is there in two formats has one key for both; the first is the one that it began with.
  return [...new Map(found.toReversed().map((provider) => [provider.keyEnv, provider])).values()].toReversed();
}

function isReady({ baseUrl = "", models, openModels }: ProviderDefinition): boolean {
  return placesOf(baseUrl).length === 0 && (openModels === true || Object.keys(models).length > 0);
}

function sayFound(found: readonly ProviderDefinition[]): string {
  if (found.length > 0) return `Keys found: ${found.map(({ keyEnv }) => keyEnv).join(", ")}.`;
  const known = new Set(PROVIDERS.filter(isReady).flatMap(({ keyEnv }: ProviderDefinition) => keyEnv ?? []));
  const shown = [anthropic, gemini, openai].map(({ keyEnv }) => keyEnv);
  return `No key found (looked for ${shown.join(", ")} and ${known.size - shown.length} more), so this begins with the simulator, which needs none.`;
}

/** The real providers first, and the simulator as the last resort: what one would write by hand. */
function configText(found: readonly ProviderDefinition[]): string {
  const chosen = [...found.map(({ name, keyEnv, models }) => ({ name, keyEnv, model: models.chat?.[0] })), SIMULATOR];
  const providers = chosen.map(({ name, keyEnv }) => {
    const key = keyEnv === undefined ? "" : `{ apiKey: secret.env(${JSON.stringify(keyEnv)}) }`;
    return `    ${propertyName(name)}: provider.${camelCase(name)}(${key}),`;
  });
  const targets = chosen.flatMap(({ name, model }) => (model === undefined ? [] : [JSON.stringify(`${name}/${model}`)]));
  const imports = found.length > 0 ? "defineConfig, provider, secret" : "defineConfig, provider";
  const invitation = found.length > 0 ? "" : `    // openai: provider.openai(), // reads OPENAI_API_KEY\n`;
  return `import { ${imports} } from "omni";

export default defineConfig({
  providers: {
${providers.join("\n")}
${invitation}  },
  combos: {
    // Clients ask for the model "smart". The targets are tried in this order.
    smart: { strategy: "fallback", chat: [${targets.join(", ")}] },
  },
  default: "combo:smart",
});
`;
}

const SIMULATOR = { name: "simulator", keyEnv: undefined, model: "writer" };

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function tsconfigText(): string {
  const include = ["omni.config.ts", "config/**/*.ts", DECLARATIONS_FILE];
  return `${JSON.stringify({ compilerOptions: COMPILER_OPTIONS, include }, undefined, 2)}\n`;
}

function tell(file: string, outcome: WriteOutcome): void {
  console.log(`${outcome === "written" ? "+" : "="} ${file}${outcome === "kept" ? " (kept)" : ""}`);
}
