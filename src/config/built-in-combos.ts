import { OPERATIONS } from "../ir/operation.ts";
import type { ProviderDefinition } from "../providers/provider.ts";
import type { ComboData, ConfigData, ProviderData, StrategyName } from "./data.ts";
import { modelsInUse } from "./models-in-use.ts";

/** Combos that are there without being declared, of all models that the configuration has. The operator's own of the same name take their place. */
export const BUILT_IN_COMBOS: Readonly<Record<string, StrategyName>> = { auto: "auto", "cost-optimized": "lowest-cost" };

/** With hundreds of models, to ask one after the other helps nobody. */
const ATTEMPTS_MAX = 4;

/** @returns By name; none of those that the configuration declares itself. */
export function builtInCombos(data: ConfigData, definitions: readonly ProviderDefinition[]): Readonly<Record<string, ComboData>> {
  const all = Object.entries(data.providers);
  const definitionOf = (kind: string): ProviderDefinition | undefined => definitions.find((candidate) => candidate.name === kind);
  const isReal = ([, { kind }]: readonly [string, ProviderData]): boolean => definitionOf(kind)?.open === undefined;
  const isBuiltIn = ([, { kind }]: readonly [string, ProviderData]): boolean => definitionOf(kind)?.builtIn === true;
  const lists = OPERATIONS.flatMap((operation) => {
    const namesOf = ([name, { kind }]: readonly [string, ProviderData]): string[] =>
      [...modelsInUse(data, name, definitionOf(kind), operation)].map((model) => `${name}/${model}`);
    // What answers in-process is there to try things out, failures too: only where there is nothing else, and then the first of it, which works.
    const real = all.filter(isReal);
    const declared =
      real.length > 0
        ? real.flatMap(namesOf)
        : all
            .filter((each) => !isBuiltIn(each))
            .flatMap(namesOf)
            .slice(0, 1);
    const targets = [...declared, ...all.filter(isBuiltIn).flatMap(namesOf)];
    return targets.length === 0 ? [] : [[operation, targets] as const];
  });
  if (lists.length === 0) return {};
  return Object.fromEntries(
    Object.entries(BUILT_IN_COMBOS)
      .filter(([name]) => !Object.hasOwn(data.combos ?? {}, name))
      .map(([name, strategy]) => [name, { strategy, attempts: ATTEMPTS_MAX, ...Object.fromEntries(lists) }]),
  );
}
