import type { SecretReference } from "../config/secret.ts";
import type { Operation } from "../ir/operation.ts";
import type { ProviderDefinition } from "../providers/provider.ts";
import type { Bridge } from "../wire/bridge.ts";
import type { NameIndex } from "./name-index.ts";

/** What an attempt is sent to: a row of `Plan.targets`. */
export type TargetId = number & { readonly brand: "TargetId" };
/** The compiled form of a name that clients may send: a row of `Plan.routes`. */
export type RouteId = number & { readonly brand: "RouteId" };
/** A row of `Plan.providers`. */
export type ProviderId = number & { readonly brand: "ProviderId" };

/** The configuration, compiled: immutable, ids instead of names. An exchange sees exactly one. */
export interface Plan {
  /** The first 8 hexadecimal digits of the SHA-256 of the configuration's canonical JSON. Equal configurations have equal hashes. */
  readonly hash: string;
  readonly providers: readonly PlannedProvider[];
  readonly targets: readonly Target[];
  readonly routes: readonly Route[];
  /** Names to routes, by kind of work. */
  readonly names: Readonly<Record<Operation, NameIndex>>;
  /** The routes' trees of choice, flat. */
  readonly choices: Choices;
  readonly server: PlannedServer;
  /** What a person should know though nothing is wrong, such as a bare name that two providers have. */
  readonly notes: readonly string[];
}

/** A provider as it is called: what the operator said, joined with what the definition knows. */
export interface PlannedProvider {
  readonly id: ProviderId;
  /** The operator's name for it, such as `openai-eu`. */
  readonly name: string;
  readonly definition: ProviderDefinition;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Where the credential is to be found; resolved when the plan goes live. */
  readonly apiKey: SecretReference | undefined;
  /** Headers that the operator adds; values may be secrets. */
  readonly headers: Readonly<Record<string, string | SecretReference>>;
  /** The longest that one attempt may take in all; undefined leaves it to the route's deadline. */
  readonly timeoutMs: number | undefined;
  /** The rest of what the operator said, for `definition.open`. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** One model of one provider, which an attempt is sent to and health is kept of. */
export interface Target {
  readonly id: TargetId;
  /** `provider/model`: its identity across reloads, and what `x-omni-target` says. */
  readonly name: string;
  readonly provider: ProviderId;
  readonly operation: Operation;
  /** The provider's own name of the model. */
  readonly model: string;
  /** The same as a JSON string, quotes included. */
  readonly modelJson: Uint8Array;
  /** How to reach it from each downstream wire, by the wire's name. */
  readonly bridges: ReadonlyMap<string, TargetBridge>;
}

/** How a target is reached from one downstream wire. */
export interface TargetBridge {
  readonly bridge: Bridge;
  readonly url: string;
  readonly streamUrl: string;
}

/** What a name stands for: a tree of targets, and the limits that all attempts in it share. */
export interface Route {
  readonly id: RouteId;
  readonly operation: Operation;
  /** Its main name: `smart` for the combo, `openai/gpt-5.1` for a single target. */
  readonly name: string;
  readonly type: "combo" | "target";
  /** The root of its tree in `Plan.choices`. */
  readonly root: number;
  /** Every target in its tree, once, in order of preference. */
  readonly targets: readonly TargetId[];
  /** All attempts and waits of an exchange together. Milliseconds. */
  readonly deadlineMs: number;
  /** From sending an attempt to its first content (streams) or to its head (whole answers). Milliseconds; undefined leaves it to `firstSignMs`. */
  readonly firstByteMs: number | undefined;
  /** Attempts in all, over the whole tree. */
  readonly attemptsMax: number;
}

/**
 * All trees of choice in one set of columns: node `n` is a leaf (one target), or a group with a strategy and children.
 * A group's children are the nodes `children[childStart[n] .. childStart[n + 1])`.
 */
export interface Choices {
  /** The target of a leaf; -1 for a group. `[nodes]` */
  readonly target: Int32Array;
  /** The strategy of a group, an index into `STRATEGIES`; -1 for a leaf. `[nodes]` */
  readonly strategy: Int8Array;
  /** `[nodes + 1]` */
  readonly childStart: Int32Array;
  /** Node numbers. `[edges]` */
  readonly children: Int32Array;
  /** The weight of each edge; 1 unless the operator said otherwise. `[edges]` */
  readonly weight: Float64Array;
  /** Where each node's part of `leaves` begins. `[nodes + 1]` */
  readonly leafStart: Int32Array;
  /** For each node every target below it, once, in order of preference: written out, so that asking whether one is left walks no tree. */
  readonly leaves: Int32Array;
}

/** How the process listens and stops. The port and the hostname of a running process stay as they were at its start. */
export interface PlannedServer {
  readonly port: number;
  readonly hostname: string;
  readonly drainMs: number;
  readonly bodyBytesMax: number;
  readonly adminToken: SecretReference | undefined;
  readonly logs: "json" | "pretty";
}
