import { PROVIDERS } from "../providers/index.ts";
import type { ProviderDefinition } from "../providers/provider.ts";
import type { ConfigData } from "./data.ts";

/**
 * Adds the providers that are there without being declared, each under its own name: `local`, which reads pages of the web. What the configuration has
 * under such a name stays; `localReader: false` leaves the reader out.
 */
export function withBuiltIn(data: ConfigData): ConfigData {
  if (data.localReader === false) return data;
  const names = BUILT_IN.filter((name) => !Object.hasOwn(data.providers, name));
  return { ...data, providers: { ...data.providers, ...Object.fromEntries(names.map((name) => [name, { kind: name }])) } };
}

/** How many providers are the operator's own. */
export function declaredProviders({ providers }: ConfigData): number {
  return Object.entries(providers).filter(([name, { kind }]) => name !== kind || !BUILT_IN.includes(kind)).length;
}

const BUILT_IN: readonly string[] = (PROVIDERS as readonly ProviderDefinition[]).filter(({ builtIn }) => builtIn).map(({ name }) => name);
