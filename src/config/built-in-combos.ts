import { OPERATIONS, type Operation } from "../ir/operation.ts";
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
  const isFree = (name: string): boolean => !Object.hasOwn(data.combos ?? {}, name);
  return Object.fromEntries([
    ...Object.entries(BUILT_IN_COMBOS)
      .filter(([name]) => isFree(name))
      .map(([name, strategy]) => [name, { strategy, attempts: ATTEMPTS_MAX, ...Object.fromEntries(lists) }] as const),
    ...(isFree(SUBSCRIPTION) ? subscription(data, lists, isFree("cost-optimized")) : []),
  ]);
}

/** The name of the combo that asks first who costs the same however much is asked. It is there as soon as one provider does. */
export const SUBSCRIPTION = "subscription";

/** @param hasCheapest Whether `cost-optimized` is what it is called, so that who is paid by use is asked by price. */
function subscription(
  { providers }: ConfigData,
  lists: readonly (readonly [Operation, readonly string[]])[],
  hasCheapest: boolean,
): (readonly [string, ComboData])[] {
  const isFlat = (target: string): boolean => providers[target.slice(0, target.indexOf("/"))]?.billing === "flat";
  const flat = lists.flatMap(([operation, targets]) => {
    const first = targets.filter(isFlat);
    const rest = targets.filter((target) => !isFlat(target));
    return first.length === 0
      ? []
      : [[operation, [...first, ...(hasCheapest && rest.length > 0 ? ["combo:cost-optimized"] : rest)]] as const];
  });
  return flat.length === 0 ? [] : [[SUBSCRIPTION, { strategy: "fallback", attempts: ATTEMPTS_MAX, ...Object.fromEntries(flat) }]];
}
