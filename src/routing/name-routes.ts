import type { ComboData, ConfigData } from "../config/data.ts";
import { COMBO_PREFIX } from "./choice-trees.ts";
import type { ProviderNames } from "./name-index.ts";
import type { PlannedProvider, Route, RouteId, Target } from "./plan.ts";

/** Which name stands for which route, for one kind of work. */
export interface Naming {
  /** What clients may send, in order of precedence and, within, of declaration. */
  readonly names: ReadonlyMap<string, RouteId>;
  /** By `ProviderId`, what they may send below the provider's own path. */
  readonly providers: readonly ProviderNames[];
  /** Bare names that follow from nothing but the order of providers, and whose they are. */
  readonly contested: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

/**
 * Settles every name. What the operator wrote goes before what follows from it: `provider/model` and `combo:name` always mean what they say; then comes
 * `default`; then combos and aliases; the bare names of models are last, and go to the provider that was declared first.
 *
 * @param targets Those of this kind of work, in order of declaration; of several accounts one.
 * @param routes The same. Each of these targets has one.
 * @param builtIn Combos that nobody has declared: their bare names give way to all others.
 */
export function nameRoutes(
  config: ConfigData,
  providers: readonly PlannedProvider[],
  targets: readonly Target[],
  routes: readonly Route[],
  builtIn: Readonly<Record<string, ComboData>>,
): Naming {
  const claims = new Claims();
  const byName = new Map(routes.map((route) => [wholeName(route), route]));
  const combos = routes.filter((route) => route.type === "combo" && !Object.hasOwn(builtIn, route.name));
  // A reference may lead to another kind of work, and then its name is none here.
  const claimReference = (name: string, reference: string, kind: string): void => {
    const route = byName.get(reference);
    if (route !== undefined) claims.make(name, route, kind);
  };

  for (const [name, route] of byName) claims.make(name, route, `a ${route.type}`);
  if (config.default !== undefined) claimReference("default", config.default, "the default");
  for (const route of combos) claims.make(route.name, route, "a combo");
  for (const [alias, reference] of Object.entries(config.aliases ?? {})) claimReference(alias, reference, "an alias");
  const owners = [...ownersOf(targets)];
  const contested = owners.filter(([model, all]) => all.length > 1 && !claims.names.has(model));
  for (const [model, [first]] of owners) claims.make(model, byName.get(first.service)!, "a model"); // Each target has a route.
  for (const route of routes) if (route.type === "combo") claims.make(route.name, route, "a built-in combo");

  return {
    names: claims.names,
    providers: providers.map(({ id, name }) => ({ name, models: modelsOf(id, targets, byName) })),
    contested: new Map(contested.map(([model, [first]]) => [model, nameOf(providers, first)])),
    notes: [...claims.notes, ...noteContested(contested, providers)],
  };
}

/** The name that means this route and no other, whatever else is declared. It is also how the configuration refers to it. */
export function wholeName({ type, name }: Route): string {
  return type === "combo" ? `${COMBO_PREFIX}${name}` : name;
}

/** Who holds which name: whoever came first. */
class Claims {
  readonly names = new Map<string, RouteId>();
  readonly notes: string[] = [];
  private readonly holders = new Map<string, string>();

  make(name: string, route: Route, kind: string): void {
    const held = this.names.get(name);
    if (held === undefined) {
      this.names.set(name, route.id);
      this.holders.set(name, kind);
    } else if (held !== route.id && this.holders.get(name) !== "a target") {
      // A target's whole name says whose it is; that a router has a model which is called the same surprises nobody.
      this.notes.push(`"${name}" is ${this.holders.get(name)} here, so it is not ${kind}: ask for that as "${wholeName(route)}".`);
    }
  }
}

type Owners = readonly [Target, ...Target[]];

/** Bare names of models, each with all the targets that are called so. */
function ownersOf(targets: readonly Target[]): Map<string, Owners> {
  const owners = new Map<string, [Target, ...Target[]]>();
  for (const target of targets) {
    const known = owners.get(target.model);
    if (known === undefined) owners.set(target.model, [target]);
    else known.push(target);
  }
  return owners;
}

function modelsOf(provider: number, targets: readonly Target[], byName: ReadonlyMap<string, Route>): Map<string, RouteId> {
  const own = targets.filter((target) => target.provider === provider);
  return new Map(own.map((target) => [target.model, byName.get(target.service)!.id])); // Each target has a route.
}

/** One note for all models that the same providers have: two accounts at one vendor share its whole catalog. */
function noteContested(contested: readonly [string, Owners][], providers: readonly PlannedProvider[]): string[] {
  const groups = Map.groupBy(contested, ([, all]) => all.map((target) => JSON.stringify(nameOf(providers, target))).join(", "));
  return [...groups].map(([names, models]) => {
    const [first] = models[0]!; // A group has members.
    const rest = models.length > 1 ? ` and ${models.length - 1} more` : "";
    const verb = models.length > 1 ? "are" : "is";
    return `"${first}"${rest} ${verb} had by ${names}: without a provider before it, such a name goes to the one declared first. An alias settles it otherwise.`;
  });
}

function nameOf(providers: readonly PlannedProvider[], target: Target): string {
  return providers[target.provider]!.name; // Ids are rows.
}
