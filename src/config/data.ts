import type { Operation } from "../ir/operation.ts";
import type { SecretReference } from "./secret.ts";

/**
 * What a configuration file evaluates to: JSON, and nothing but JSON. Environments are merged in, all checks have passed.
 * `defineConfig` (config.ts) is the typed way to write it; `schema.ts` is its run-time twin; `routing/compile.ts` takes it from here.
 */
export interface ConfigData {
  readonly providers: Readonly<Record<string, ProviderData>>;
  readonly combos?: Readonly<Record<string, ComboData>>;
  /** What the model name `default` stands for. */
  readonly default?: string;
  /** More names for targets and combos. */
  readonly aliases?: Readonly<Record<string, string>>;
  readonly server?: ServerData;
  readonly telemetry?: { readonly logs?: "json" | "pretty" };
}

/** One entry of `providers`; its key is the operator's name for it. */
export interface ProviderData {
  /** The name of a `ProviderDefinition`. */
  readonly kind: string;
  readonly apiKey?: SecretReference;
  readonly baseUrl?: string;
  /** The longest that one attempt may take. A duration such as `60s`. */
  readonly timeout?: string;
  readonly headers?: Readonly<Record<string, string | SecretReference>>;
  /** Added to those that the definition knows. */
  readonly models?: { readonly [O in Operation]?: readonly string[] };
  /** What this kind alone understands: the simulator's pace, for one. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** A target as `provider/model`, or another combo as `combo:name`; with a weight where the strategy asks for one. */
export type ComboTargetData = string | { readonly to: string; readonly weight?: number };

/** The name of each list is the kind of work that its targets do. */
export type ComboData = ComboOptionsData & { readonly [O in Operation]?: readonly ComboTargetData[] };

/** What holds for a combo as a whole. */
export interface ComboOptionsData {
  /** Default `fallback`. */
  readonly strategy?: "fallback" | "weighted";
  /** All attempts and waits together. Default `600s`. */
  readonly timeout?: string;
  /** From sending an attempt to its first content. Default `60s`. */
  readonly firstByteTimeout?: string;
  /** Attempts in all, nested combos included. Default: the number of targets, at least 4. */
  readonly attempts?: number;
}

/** How the process listens and stops, and what it takes in. */
export interface ServerData {
  /** Default 20128. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly hostname?: string;
  /** How long streams may go on after SIGTERM. Default `600s`. */
  readonly drain?: string;
  /** The largest request body, in bytes. Default 33,554,432 (32 MiB). */
  readonly bodyBytesMax?: number;
  readonly admin?: { readonly token?: SecretReference };
}
