import type { Filter } from "../policies/compress/filter-grammar.ts";
import { PROVIDERS } from "../providers/index.ts";
import type { DefineCombos, DefineConfig, DefineProviders, ProviderFactories, Secrets } from "./grammar.ts";
import type { SecretReference } from "./secret.ts";

export type { Catalog } from "./catalog.ts";
export type * from "./grammar.ts";
export type { SecretReference } from "./secret.ts";

/** Declares a configuration. What `omni.config.ts` exports by default. */
export const defineConfig: DefineConfig = (config) => config;

/** Declares providers in a file of their own, to be handed to `defineCombos` and `defineConfig`. */
export const defineProviders: DefineProviders = (providers) => providers;

/** Declares combos over providers of another file. */
export const defineCombos: DefineCombos = (_providers, combos) => combos;

/** Types a filter of tools' output, for `policies.rtk.filters`. It is checked by its own samples when the configuration is loaded. */
export const defineFilter = (filter: Filter): Filter => remember({ ...filter });

/** Where secrets are to be found. */
export const secret: Secrets = {
  env: (name) => remember(reference("env", name)),
  file: (path) => remember(reference("file", path)),
  exec: (command) => remember(reference("exec", command)),
};

/** Makes providers, one function for each kind. */
export const provider: ProviderFactories = Object.fromEntries(
  PROVIDERS.map(({ name }) => [camelCase(name), (options?: object) => remember({ ...options, kind: name })]),
) as unknown as ProviderFactories; // The same list that the type is computed from, with the same change of case.

/** Where in the operator's files an object was made: the stack of the call. Beside the data, not in it, which is to stay plain JSON. */
const STACKS = new WeakMap<object, string>();

/** @returns The stack of the call that made this object, if `provider` or `secret` did. */
export function stackOf(made: object): string | undefined {
  return STACKS.get(made);
}

/** `openai-compatible` becomes `openaiCompatible`. */
export function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function reference($secret: SecretReference["$secret"], name: string | readonly string[]): SecretReference {
  return { $secret, name };
}

function remember<T extends object>(made: T): T {
  const { stack } = new Error();
  if (stack !== undefined) STACKS.set(made, stack);
  return made;
}
