import { OPERATIONS } from "../ir/operation.ts";
import { PROVIDERS } from "../providers/index.ts";
import type { ProviderDefinition } from "../providers/provider.ts";

/** What the declarations are to speak of: for tests, and for a gateway that knows more kinds of work one day. */
export interface DeclarationsOptions {
  /** Default: all of them. */
  readonly definitions?: readonly ProviderDefinition[];
  /** Default: all of them. */
  readonly operations?: readonly string[];
}

/**
 * Writes `omni.d.ts`: all that `import … from "omni"` has, in one file that needs no other, for editors and for type-checking beside the binary.
 * Put together from the source of the types themselves and from the definitions of the providers, so that it can not be out of date.
 */
export async function omniDeclarations({ definitions = PROVIDERS, operations = OPERATIONS }: DeclarationsOptions = {}): Promise<string> {
  const [grammar, secret, filter] = await sourceTexts();
  return `// Written by Omni, for editors and for \`omni check\`. It is written anew when Omni is; changes are lost.

// What a configuration may use of the machine that it is evaluated on. Other variables read as undefined.
declare var process: { readonly env: { readonly [name: string]: string | undefined } };
declare var console: { readonly log: (...values: unknown[]) => void; readonly error: (...values: unknown[]) => void };

declare module "omni" {
/** One kind of work that the gateway carries. */
export type Operation = ${union(operations)};

/** What is known of each kind of provider. */
export interface Catalog {
${definitions.map(entryText).join("\n")}
}

${withoutImports(secret)}
${withoutImports(filter)}
${withoutImports(grammar)}
/** Types a filter of tools' output, for \`policies.rtk.filters\`. It is checked by its own samples when the configuration is loaded. */
export const defineFilter: (filter: Filter) => Filter;
/** Declares a configuration. What \`omni.config.ts\` exports by default. */
export const defineConfig: DefineConfig;
/** Declares providers in a file of their own, to be handed to \`defineCombos\` and \`defineConfig\`. */
export const defineProviders: DefineProviders;
/** Declares combos over providers of another file. */
export const defineCombos: DefineCombos;
/** Makes providers, one function for each kind. */
export const provider: ProviderFactories;
/** Where secrets are to be found. */
export const secret: Secrets;
export {};
}
`;
}

async function sourceTexts(): Promise<readonly [grammar: string, secret: string, filter: string]> {
  // TypeScript sees modules here; the attribute makes Bun, and its bundler, give their text.
  const texts = (await Promise.all([
    import("./grammar.ts", { with: { type: "text" } }),
    import("./secret.ts", { with: { type: "text" } }),
    import("../policies/compress/filter-grammar.ts", { with: { type: "text" } }),
  ])) as unknown as readonly [{ readonly default: string }, { readonly default: string }, { readonly default: string }];
  return [texts[0].default, texts[1].default, texts[2].default];
}

function withoutImports(source: string): string {
  return source.replace(/^import type .*;\n/gm, "").trim();
}

function entryText({ name, models, openModels, settings }: ProviderDefinition): string {
  // The type of `models` has a list for every operation, but not every definition does.
  const lists = Object.entries(models as Readonly<Record<string, readonly string[]>>);
  const modelsText = lists
    .map(([operation, names]) => `readonly ${JSON.stringify(operation)}: ${openModels ? "string" : union(names)}`)
    .join("; ");
  return `  readonly ${JSON.stringify(name)}: { readonly models: { ${modelsText} }; readonly settings: ${settings ? typeText(settings as Schema) : "{}"} };`;
}

function union(names: readonly string[]): string {
  return names.length === 0 ? "never" : names.map((name) => JSON.stringify(name)).join(" | ");
}

/** The words of JSON Schema that settings are described in; TypeBox's schemas are such. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly pattern?: string;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

function typeText(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf) return schema.anyOf.map(typeText).join(" | ");
  if (schema.type === "array") return `readonly (${typeText(schema.items ?? {})})[]`;
  if (schema.type === "object" && schema.properties) {
    const { required = [] } = schema;
    const lines = Object.entries(schema.properties).map(
      ([name, part]) => `readonly ${JSON.stringify(name)}${required.includes(name) ? "" : "?"}: ${typeText(part)}`,
    );
    return `{ ${lines.join("; ")} }`;
  }
  if (schema.type === "string") return stringText(schema.pattern);
  if (schema.type === "integer" || schema.type === "number") return "number";
  return schema.type === "boolean" ? "boolean" : "unknown";
}

/** A number and one of some units can be said in a type; other patterns are left to the check at run time. */
function stringText(pattern: string | undefined): string {
  const [, units] = /^\^\\d\+\(\\\.\\d\+\)\?\(([a-z|]+)\)\$$/.exec(pattern ?? "") ?? [];
  return units === undefined ? "string" : `\`\${number}\${${union(units.split("|"))}}\``;
}
