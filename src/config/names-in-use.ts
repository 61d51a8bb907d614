import type { Operation } from "../ir/operation.ts";
import type { ProviderDefinition } from "../providers/provider.ts";
import { builtInCombos } from "./built-in-combos.ts";
import type { ComboData, ConfigData } from "./data.ts";
import { type Fault, fault } from "./fault.ts";
import { modelsInUse } from "./models-in-use.ts";

/** What a target may be called, by what a configuration declares: for the checks and their messages. */
export class NamesInUse {
  readonly providers: readonly string[];
  /** The built-in ones as well. */
  readonly combos: Readonly<Record<string, ComboData>>;
  readonly #models: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(data: ConfigData, definitions: readonly ProviderDefinition[]) {
    this.providers = Object.keys(data.providers);
    this.combos = { ...data.combos, ...builtInCombos(data, definitions) };
    const models = new Map<string, ReadonlySet<string>>();
    for (const [name, { kind, models: more }] of Object.entries(data.providers)) {
      const definition = definitions.find((candidate) => candidate.name === kind);
      for (const operation of operationsOf(definition?.models, more)) {
        models.set(`${operation} ${name}`, modelsInUse(data, name, definition, operation));
      }
    }
    this.#models = models;
  }

  models(provider: string, operation: Operation): ReadonlySet<string> {
    return this.#models.get(`${operation} ${provider}`) ?? new Set();
  }

  /** Kinds of work that a provider does with a model of this name. */
  operationsWith(provider: string, model: string): string[] {
    return [...this.#models]
      .filter(([key, models]) => key.endsWith(` ${provider}`) && models.has(model))
      .map(([key]) => key.split(" ")[0] ?? "");
  }

  targets(operation: Operation): string[] {
    return [
      ...this.providers.flatMap((name) => [...this.models(name, operation)].map((model) => `${name}/${model}`)),
      ...Object.keys(this.combos).map((name) => `combo:${name}`),
    ];
  }
}

/** Names are read off the data and not off the list of operations, so that a model of another kind of work can be told from an unknown one. */
function operationsOf(...lists: readonly (object | undefined)[]): Set<Operation> {
  // The schema lets no other keys through.
  return new Set(lists.flatMap((list) => Object.keys(list ?? {}) as Operation[]));
}
const NAME = /^[A-Za-z0-9][\w.-]*$/;

/** Names stand in targets, before a slash or behind a colon, and in paths of URLs. */
export function nameFaults(noun: string, name: string, path: readonly string[]): Fault[] {
  if (NAME.test(name)) return [];
  return [
    fault(
      "badName",
      path,
      `"${name}" can not be the name of a ${noun}`,
      "use letters, digits, dots, hyphens and underscores, a letter or digit first",
    ),
  ];
}
