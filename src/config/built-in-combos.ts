import { OPERATIONS } from "../ir/operation.ts";
import type { ProviderDefinition } from "../providers/provider.ts";
import type { ComboData, ConfigData, ProviderData, StrategyName } from "./data.ts";

/** Combos that are there without being declared, of all models that the configuration has. The operator's own of the same name take their place. */
export const BUILT_IN_COMBOS: Readonly<Record<string, StrategyName>> = { auto: "auto", "cost-optimized": "lowest-cost" };

/** With hundreds of models, to ask one after the other helps nobody. */
const ATTEMPTS_MAX = 4;

/** @returns By name; none of those that the configuration declares itself. */
export function builtInCombos(data: ConfigData, definitions: readonly ProviderDefinition[]): Readonly<Record<string, ComboData>> {
  const lists = OPERATIONS.flatMap((operation) => {
    const targets = Object.entries(data.providers).flatMap(([name, provider]) =>
      modelsOf(provider, definitions, operation).map((model) => `${name}/${model}`),
    );
    return targets.length === 0 ? [] : [[operation, targets] as const];
  });
  if (lists.length === 0) return {};
  return Object.fromEntries(
    Object.entries(BUILT_IN_COMBOS)
      .filter(([name]) => !Object.hasOwn(data.combos ?? {}, name))
      .map(([name, strategy]) => [name, { strategy, attempts: ATTEMPTS_MAX, ...Object.fromEntries(lists) }]),
  );
}

function modelsOf(provider: ProviderData, definitions: readonly ProviderDefinition[], operation: (typeof OPERATIONS)[number]): string[] {
  const definition = definitions.find((candidate) => candidate.name === provider.kind);
  return [...new Set([...(definition?.models[operation] ?? []), ...(provider.models?.[operation] ?? [])])];
}
