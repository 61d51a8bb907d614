import type { Operation } from "../ir/operation.ts";
import type { Upstream, Wire } from "../wire/wire.ts";
import type { Session } from "../world/network.ts";
import type { World } from "../world/world.ts";

/** How a provider is told who is asking. Headers are made once, when the plan goes live, and only ever sent to the provider's own origin. */
export interface Auth {
  readonly name: string;
  /** @param credential What the operator's secret resolved to; never empty. */
  headers(credential: string): Readonly<Record<string, string>>;
}

/** One kind of work that a provider does, and how it is spoken to about it. */
export interface Service {
  readonly operation: Operation;
  readonly wire: Wire;
  readonly upstream: Upstream;
}

/** A vendor, in three small facts: how it writes (services), where it lives (baseUrl) and how one signs (auth). */
export interface ProviderDefinition {
  /** Its kind in the configuration, in kebab-case: `openai`, `openai-compatible`. */
  readonly name: string;
  /** The page that the facts are from. */
  readonly reference: string;
  /** Without a trailing slash. Absent when the operator has to say it. */
  readonly baseUrl?: string;
  /** The environment variable that its own tools read the key from; `omni init` and messages suggest it. */
  readonly keyEnv?: string;
  /** Absent when no credential is needed; then one that is configured is sent as a bearer token. */
  readonly auth: Auth;
  /** Whether it can not be called without a credential. */
  readonly keyRequired: boolean;
  readonly services: readonly Service[];
  /** Names of its models by kind of work, in the order of a catalog. The operator may add to them. */
  readonly models: { readonly [O in Operation]?: readonly string[] };
  /** Opens connections in its own way instead of the world's network: the simulator answers in-process. */
  open?(world: World, settings: Readonly<Record<string, unknown>>): Session;
}
