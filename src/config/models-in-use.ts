import type { Operation } from "../ir/operation.ts";
import type { ProviderDefinition } from "../providers/provider.ts";
import type { ConfigData } from "./data.ts";

/**
 * The models that a provider can be asked for: those that its kind is known to have, and those that the operator adds. Where a kind's list is open, what
 * combos, aliases and the default name counts as added too; other names stay unknown, so that what clients may ask for is still in the configuration.
 */
export function modelsInUse(
  data: ConfigData,
  provider: string,
  definition: ProviderDefinition | undefined,
  operation: Operation,
): ReadonlySet<string> {
  const declared = [...(definition?.models[operation] ?? []), ...(data.providers[provider]?.models?.[operation] ?? [])];
  if (definition?.openModels !== true || definition.models[operation] === undefined) return new Set(declared);
  const prefix = `${provider}/`;
  const named = namesIn(data, operation).filter((name) => name.length > prefix.length && name.startsWith(prefix));
  return new Set([...declared, ...named.map((name) => name.slice(prefix.length))]);
}

function namesIn({ combos = {}, default: standard, aliases = {} }: ConfigData, operation: Operation): string[] {
  const inCombos = Object.values(combos).flatMap((combo) => combo[operation] ?? []);
  const targets = inCombos.map((target) => (typeof target === "string" ? target : target.to));
  return [...targets, ...(standard === undefined ? [] : [standard]), ...Object.values(aliases)];
}
