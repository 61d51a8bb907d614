import { PROVIDERS } from "../providers/index.ts";
import type { ProviderDefinition } from "../providers/provider.ts";
import type { ConfigData, ProviderData } from "./data.ts";

/** Where a provider's key is looked for when the configuration does not say it: in the variable that the provider's own tools read. */
export function withDefaults(data: ConfigData): ConfigData {
  return { ...data, providers: Object.fromEntries(Object.entries(data.providers).map(([name, provider]) => [name, withKey(provider)])) };
}

function withKey(provider: ProviderData): ProviderData {
  const definitions: readonly ProviderDefinition[] = PROVIDERS;
  const definition = definitions.find(({ name }) => name === provider.kind);
  if (provider.apiKey !== undefined || provider.accounts !== undefined || definition?.keyEnv === undefined || !definition.keyRequired)
    return provider;
  return { ...provider, apiKey: { $secret: "env", name: definition.keyEnv } };
}
