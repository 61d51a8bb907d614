import { OPERATIONS, type Operation } from "../ir/operation.ts";
import { PROVIDERS } from "../providers/index.ts";
import type { ProviderDefinition } from "../providers/provider.ts";
import type { ComboData, ComboTargetData, ConfigData, ProviderData } from "./data.ts";
import { FAULTS, type Fault, fault } from "./fault.ts";
import { didYouMean, nearest } from "./nearest.ts";
import type { SecretReference } from "./secret.ts";
import { type ConfigFile, settingsFaults } from "./schema.ts";

/**
 * Finds all that is wrong with a configuration of the right shape: names that nothing has, circles, targets that are never reached,
 * addresses that can not be. All at once, in the order of the file.
 *
 * @param definitions The kinds of providers that there are.
 */
export function validate(data: ConfigData, definitions: readonly ProviderDefinition[] = PROVIDERS): Fault[] {
  const names = new NamesInUse(data, definitions);
  return [
    ...Object.entries(data.providers).flatMap(([name, provider]) => providerFaults(name, provider, definitions)),
    ...(Object.keys(data.providers).length === 0
      ? [
          fault(
            "emptyList",
            ["providers"],
            "there is no provider",
            "add one: openai: provider.openai(), or provider.simulator() to try things out",
          ),
        ]
      : []),
    ...Object.entries(data.combos ?? {}).flatMap(([name, combo]) => comboFaults(name, combo, names)),
    ...cycleFaults(data),
    ...(data.default === undefined ? [] : targetFaults(data.default, "chat", ["default"], names)),
    ...aliasFaults(data, names),
    ...hostnameFaults(data),
  ];
}

/** Finds what is wrong with the overlays of all environments, picked or not: names of providers and combos that there is nothing to lay over. */
export function validateEnvironments({ environments, providers, combos }: ConfigFile): Fault[] {
  return Object.entries(environments ?? {}).flatMap(([environment, overlay]) =>
    (
      [
        ["providers", "provider", overlay.providers, providers],
        ["combos", "combo", overlay.combos, combos ?? {}],
      ] as const
    ).flatMap(([section, noun, over, under]) =>
      Object.keys(over ?? {})
        .filter((name) => !Object.hasOwn(under, name))
        .map((name) =>
          fault(
            noun === "provider" ? "unknownProvider" : "unknownCombo",
            ["environments", environment, section, name],
            `environment "${environment}" changes ${noun} "${name}", which is not declared`,
            didYouMean(name, Object.keys(under)) ?? `declare it in ${section} first; an environment only changes what is there`,
          ),
        ),
    ),
  );
}

/** What a target may be called, for the messages and the checks. */
class NamesInUse {
  readonly providers: readonly string[];
  readonly combos: Readonly<Record<string, ComboData>>;
  readonly #models: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(data: ConfigData, definitions: readonly ProviderDefinition[]) {
    this.providers = Object.keys(data.providers);
    this.combos = data.combos ?? {};
    const models = new Map<string, Set<string>>();
    for (const [name, { kind, models: more }] of Object.entries(data.providers)) {
      const definition = definitions.find((candidate) => candidate.name === kind);
      for (const operation of operationsOf(definition?.models, more)) {
        models.set(`${operation} ${name}`, new Set([...(definition?.models[operation] ?? []), ...(more?.[operation] ?? [])]));
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

function nameFaults(noun: string, name: string, path: readonly string[]): Fault[] {
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

function providerFaults(name: string, provider: ProviderData, definitions: readonly ProviderDefinition[]): Fault[] {
  const path = ["providers", name];
  const faults = nameFaults("provider", name, path);
  const definition = definitions.find((candidate) => candidate.name === provider.kind);
  if (definition === undefined) {
    const kinds = definitions.map((candidate) => candidate.name);
    const fix = didYouMean(provider.kind, kinds) ?? `what there is: ${kinds.join(", ")}`;
    return [...faults, fault("unknownKind", [...path, "kind"], `there is no kind of provider "${provider.kind}"`, fix)];
  }
  const hasAddress = definition.baseUrl !== undefined || definition.open !== undefined;
  if (provider.baseUrl === undefined && !hasAddress)
    faults.push(fault("missing", path, `provider "${name}" has no baseUrl`, `add where it lives: baseUrl: "http://127.0.0.1:8000/v1"`));
  if (provider.baseUrl !== undefined) faults.push(...baseUrlFaults(provider.baseUrl, [...path, "baseUrl"]));
  const models = [...Object.values(definition.models), ...Object.values(provider.models ?? {})].flat();
  if (models.length === 0)
    faults.push(fault("missing", path, `provider "${name}" has no models`, 'add their names: models: { chat: ["…"] }'));
  for (const [header, value] of Object.entries(provider.headers ?? {}))
    faults.push(...headerFaults(header, value, [...path, "headers", header]));
  if (provider.settings !== undefined) faults.push(...settingsOf(provider.settings, definition, [...path, "settings"]));
  return faults;
}

/** What the connection is steered by; the gateway sets these itself. */
const OWN_HEADERS = /^(?:host|connection|content-length|transfer-encoding|keep-alive|upgrade|te|trailer|expect)$/i;

/** Found here and not when the first request fails. https://www.rfc-editor.org/rfc/rfc9110#name-fields */
function headerFaults(header: string, value: string | SecretReference, path: readonly string[]): Fault[] {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(header))
    return [fault("badHeader", path, `"${header}" can not be the name of a header`, "use letters, digits and hyphens")];
  if (OWN_HEADERS.test(header)) return [fault("badHeader", path, `the header "${header}" is the gateway's own to set`, "take it out")];
  if (typeof value !== "string" || /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return [];
  return [fault("badHeader", path, `the value of the header "${header}" has characters that none may have`, "use plain text on one line")];
}

function settingsOf(settings: object, definition: ProviderDefinition, path: readonly string[]): Fault[] {
  if (definition.settings !== undefined) return settingsFaults(definition.settings, settings, path);
  return [fault("unknownKey", path, `a provider of kind "${definition.name}" has no settings`, "take them out")];
}

function baseUrlFaults(baseUrl: string, path: readonly string[]): Fault[] {
  const url = URL.parse(baseUrl);
  if (url === null || !/^https?:$/.test(url.protocol))
    return [fault("badBaseUrl", path, "the baseUrl is no http address", "write it whole, such as https://api.example.com/v1")];
  if (url.username !== "" || url.password !== "")
    return [fault("badBaseUrl", path, "the baseUrl has credentials in it", 'take them out and use apiKey: secret.env("NAME")')];
  if (url.search !== "" || url.hash !== "")
    return [
      fault("badBaseUrl", path, "the baseUrl goes on after its path", "take out what begins with ? or #; paths are added at the end"),
    ];
  return [];
}

function comboFaults(name: string, combo: ComboData, names: NamesInUse): Fault[] {
  const path = ["combos", name];
  const faults = nameFaults("combo", name, path);
  const lists = OPERATIONS.flatMap((operation) => (combo[operation] === undefined ? [] : [[operation, combo[operation]] as const]));
  if (lists.length === 0)
    faults.push(
      fault(
        "emptyList",
        path,
        `combo "${name}" has no targets`,
        `add some: ${OPERATIONS[0]}: ["${names.targets("chat")[0] ?? "provider/model"}"]`,
      ),
    );
  for (const [operation, list] of lists) faults.push(...listFaults(list, operation, combo, [...path, operation], names));
  return faults;
}

function listFaults(
  list: readonly ComboTargetData[],
  operation: Operation,
  combo: ComboData,
  path: readonly string[],
  names: NamesInUse,
): Fault[] {
  const isWeighted = combo.strategy === "weighted";
  if (list.length === 0) return [fault("emptyList", path, `the ${operation} list is empty`, "add a target, or take the list out")];
  const seen = new Set<string>();
  return list.flatMap((target, index) => {
    const at = [...path, String(index)];
    const to = typeof target === "string" ? target : target.to;
    const faults = targetFaults(to, operation, typeof target === "string" ? at : [...at, "to"], names);
    if (seen.has(to) && !isWeighted)
      faults.push(fault("unreachable", at, `"${to}" stands in this list already, so it is never reached here`, "take it out"));
    seen.add(to);
    if (typeof target !== "string" && target.weight !== undefined && !isWeighted) faults.push(weightIgnored([...at, "weight"]));
    return faults;
  });
}

function weightIgnored(path: readonly string[]): Fault {
  const what = "a weight means nothing in a fallback list";
  return { code: FAULTS.weightIgnored, severity: "warning", path, what, fix: 'take it out, or add strategy: "weighted"' };
}

function targetFaults(target: string, operation: Operation, path: readonly string[], names: NamesInUse): Fault[] {
  if (target.startsWith("combo:")) return comboTargetFaults(target, operation, path, names);
  const slash = target.indexOf("/");
  if (slash < 0) return [fault("notATarget", path, `"${target}" is no target`, asTarget(target, operation, names))];
  const provider = target.slice(0, slash);
  const model = target.slice(slash + 1);
  if (!names.providers.includes(provider)) {
    const whole = nearest(target, names.targets(operation))[0];
    const fix = whole === undefined ? didYouMean(provider, names.providers) : `did you mean "${whole}"?`;
    return [
      fault(
        "unknownProvider",
        path,
        `"${target}" names no provider declared here`,
        fix ?? `declare it in providers; there is: ${list(names.providers)}`,
      ),
    ];
  }
  const models = names.models(provider, operation);
  if (models.has(model)) return [];
  const [other] = names.operationsWith(provider, model);
  if (other !== undefined)
    return [
      fault("unknownModel", path, `"${target}" does ${other}, and this list takes ${operation} models`, `of ${provider}: ${list(models)}`),
    ];
  const [near] = nearest(model, models);
  const hint = near === undefined ? "" : `did you mean "${provider}/${near}"? If not, `;
  const fix = `${hint}add it to that provider: models: { ${operation}: [${JSON.stringify(model)}] }`;
  return [fault("unknownModel", path, `"${target}" names no ${operation} model that ${provider} is known to have`, fix)];
}

function comboTargetFaults(target: string, operation: Operation, path: readonly string[], names: NamesInUse): Fault[] {
  const name = target.slice("combo:".length);
  const combo = Object.hasOwn(names.combos, name) ? names.combos[name] : undefined;
  if (combo === undefined) {
    const known = Object.keys(names.combos);
    const [near] = nearest(name, known);
    const fix = near === undefined ? `declare it in combos; there is: ${list(known)}` : `did you mean "combo:${near}"?`;
    return [fault("unknownCombo", path, `"${target}" names no combo declared here`, fix)];
  }
  if (combo[operation] !== undefined) return [];
  return [fault("noSuchList", path, `combo "${name}" has no ${operation} list`, `add one to it: ${operation}: ["provider/model"]`)];
}

/** What was meant by a name without a provider. */
function asTarget(name: string, operation: Operation, names: NamesInUse): string {
  const known = names.targets(operation);
  const whole = known.filter((target) => target === `combo:${name}` || target.endsWith(`/${name}`));
  if (whole.length > 0) return `did you mean "${whole[0]}"?`;
  return didYouMean(name, known) ?? 'write "provider/model" or "combo:name"';
}

function list(names: Iterable<string>): string {
  const all = [...names];
  if (all.length === 0) return "nothing";
  return all.length > 8 ? `${all.slice(0, 8).join(", ")} and ${all.length - 8} more` : all.join(", ");
}

/** Follows the combos' references to each other; every circle is told once, where it closes. */
function cycleFaults({ combos = {} }: ConfigData): Fault[] {
  const faults: Fault[] = [];
  for (const operation of OPERATIONS) {
    const done = new Set<string>();
    const visit = (name: string, trail: readonly string[]): void => {
      const targets = (Object.hasOwn(combos, name) ? combos[name]?.[operation] : undefined) ?? [];
      for (const [index, target] of targets.entries()) {
        const to = typeof target === "string" ? target : target.to;
        if (!to.startsWith("combo:")) continue;
        const next = to.slice("combo:".length);
        const start = trail.indexOf(next);
        if (start >= 0) {
          const circle = [...trail.slice(start), next].join(" → ");
          const path = ["combos", name, operation, String(index), ...(typeof target === "string" ? [] : ["to"])];
          faults.push(fault("cycle", path, `combos lead in a circle: ${circle}`, "take one of these references out"));
        } else if (!done.has(next)) visit(next, [...trail, next]);
      }
      done.add(name);
    };
    for (const name of Object.keys(combos)) if (!done.has(name)) visit(name, [name]);
  }
  return faults;
}

function aliasFaults(data: ConfigData, names: NamesInUse): Fault[] {
  return Object.entries(data.aliases ?? {}).flatMap(([alias, target]) => {
    const path = ["aliases", alias];
    const operation = OPERATIONS.find((candidate) => targetFaults(target, candidate, path, names).length === 0);
    const faults = operation === undefined ? targetFaults(target, "chat", path, names) : [];
    if (isTaken(alias, data, names))
      faults.push(fault("aliasTaken", path, `the alias "${alias}" would hide another name`, "choose another name for the alias"));
    return faults;
  });
}

function isTaken(alias: string, data: ConfigData, names: NamesInUse): boolean {
  if (alias === "default" && data.default !== undefined) return true;
  if (Object.hasOwn(names.combos, alias) || alias.startsWith("combo:")) return true;
  const slash = alias.indexOf("/");
  return slash > 0 && OPERATIONS.some((operation) => names.models(alias.slice(0, slash), operation).has(alias.slice(slash + 1)));
}

function hostnameFaults({ server }: ConfigData): Fault[] {
  const hostname = server?.hostname;
  if (hostname === undefined || isLoopback(hostname)) return [];
  return [
    fault(
      "notLoopback",
      ["server", "hostname"],
      `"${hostname}" can be reached from other machines, and clients can not be told apart by keys yet`,
      'listen on "127.0.0.1", and let something on this machine that checks who is asking pass requests on',
    ),
  ];
}

/** Whether only this machine can reach an address. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127(?:\.(?:\d{1,2}|1\d\d|2[0-4]\d|25[0-5])){3}$/.test(hostname);
}
