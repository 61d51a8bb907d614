import type { TSchema } from "typebox";
import type { ModelSheet } from "../ir/model-sheet.ts";
import type { Operation } from "../ir/operation.ts";
import type { Upstream, Wire } from "../wire/wire.ts";
import type { NetworkRequest, Session } from "../world/network.ts";
import type { World } from "../world/world.ts";

/** How a provider is told who is asking. Headers are made once, when the plan goes live, and only ever sent to the provider's own origin. */
export interface Auth {
  readonly name: string;
  /** @param credential What the operator's secret resolved to; never empty. */
  headers(credential: string): Readonly<Record<string, string>>;
  /**
   * Signs one request, for those who want each one signed. Called when everything else of it is known.
   * @param settings The operator's, checked already.
   * @returns Headers to add; undefined if this credential needs none.
   */
  sign?(
    request: Omit<NetworkRequest, "signal">,
    credential: string,
    epochMs: number,
    settings: Readonly<Record<string, unknown>>,
  ): Readonly<Record<string, string>> | undefined;
}

/** One kind of work that a provider does, and how it is spoken to about it. */
export interface Service {
  readonly operation: Operation;
  readonly wire: Wire;
  readonly upstream: Upstream;
  /**
   * Where it is done, if that is not below the provider's base URL.
   * @param baseUrl The provider's, which the operator may have chosen; whatever is made of it must stay on the same host where that is not the vendor's own.
   */
  baseUrl?(baseUrl: string): string;
}

/** Names of models by kind of work, in the order of a catalog. */
export type ModelNames = { readonly [O in Operation]?: readonly string[] };

/**
 * A vendor, in three small facts: how it writes (services), where it lives (baseUrl) and how one signs (auth).
 * The type parameters keep what the configuration's types are computed from: the kind, the models' names, the settings.
 */
export interface ProviderDefinition<Name extends string = string, Models extends ModelNames = ModelNames, Settings = unknown> {
  /** Its kind in the configuration, in kebab-case: `openai`, `openai-compatible`. */
  readonly name: Name;
  /** The page that the facts are from. */
  readonly reference: string;
  /** Without a trailing slash. A name in braces stands for the setting of that name. Absent when the operator has to say it. */
  readonly baseUrl?: string;
  /** The environment variable that its own tools read the key from; `omni init` and messages suggest it. */
  readonly keyEnv?: string;
  /** How a credential is sent, if one is configured. */
  readonly auth: Auth;
  /** Whether it can not be called without a credential. */
  readonly keyRequired: boolean;
  readonly services: readonly Service[];
  /** Its models. The operator may add to them. */
  readonly models: Models;
  /** What is known of single models besides their prices. Default: nothing. */
  readonly sheets?: Readonly<Record<string, ModelSheet>>;
  /** Whether it has more models than anybody could list: then a configuration may name any, and `models` holds some to begin with. Default false. */
  readonly openModels?: boolean;
  /** What `settings` of the configuration may hold; only what stands in braces in `baseUrl` may be required. Absent if there is nothing to set. */
  readonly settings?: TSchema;
  /** Whether it is there without being declared, under its own name, unless the configuration has another of that name. Default false. */
  readonly builtIn?: boolean;
  /**
   * Opens connections in its own way instead of the world's network: the simulator answers in-process.
   * @param settings Already checked against the schema of that name.
   */
  open?(world: World, settings: Settings): Session;
}

/** Models of a provider whose list is open: names of any spelling. */
export interface OpenModels {
  readonly chat: readonly string[];
}

/** The same for providers that do more than chat. */
export type OpenLists<O extends Operation> = { readonly [Kind in O]: readonly string[] };

/** Declares a provider; gives back what it is given, with its names kept as literal types. */
export function defineProvider<const Name extends string, const Models extends ModelNames, Settings = unknown>(
  definition: ProviderDefinition<Name, Models, Settings>,
): ProviderDefinition<Name, Models, Settings> {
  return definition;
}

/**
 * Declares a kind of work that a provider does.
 * @param departures Where the provider departs from the format's own vendor.
 * @param requestHeaders More names of clients' headers that may go on to this provider, in lower case.
 */
export function speaks<Dialect>(wire: Wire<Dialect>, departures: Partial<Dialect> = {}, requestHeaders: readonly string[] = []): Service {
  const upstream = wire.upstream(departures);
  if (requestHeaders.length === 0) return { operation: wire.operation, wire, upstream };
  const all = [...upstream.requestHeaders, ...requestHeaders];
  // Inherits instead of copying: a wire is free to write its half as a class, whose methods a copy would lose.
  const wider: Upstream = Object.create(upstream, { requestHeaders: { value: all, enumerable: true } });
  return { operation: wire.operation, wire, upstream: wider };
}
