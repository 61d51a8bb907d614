import type { ComboOptionsData, WhenData } from "../config/data.ts";
import type { Hours } from "../config/hours.ts";
import type { SecretReference } from "../config/secret.ts";
import type { ModelSheet } from "../ir/model-sheet.ts";
import type { Operation } from "../ir/operation.ts";
import type { ProviderDefinition } from "../providers/provider.ts";
import type { HedgeOptions } from "../resilience/hedge.ts";
import type { ShedLimits } from "../resilience/load-watch.ts";
import type { Bridge } from "../wire/bridge.ts";
import type { NameIndex } from "./name-index.ts";
import type { PlannedLedger, PlannedPolicies, PlannedPrice } from "./plan-policies.ts";

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
  readonly accounts: readonly PlannedAccount[];
  readonly targets: readonly Target[];
  readonly routes: readonly Route[];
  /** Names to routes, by kind of work. */
  readonly names: Readonly<Record<Operation, NameIndex>>;
  /** The routes' trees of choice, flat. */
  readonly choices: Choices;
  /** What is known of the targets' models, by target. */
  readonly models: ModelColumns;
  readonly server: PlannedServer;
  /** Who may call, how much, and for how much. */
  readonly policies: PlannedPolicies;
  /** How it is taken down what requests cost; undefined if the operator does not want it. */
  readonly ledger: PlannedLedger | undefined;
  /** What each target costs; undefined where nobody knows. By `TargetId`. */
  readonly prices: readonly (PlannedPrice | undefined)[];
  /** What a person should know though nothing is wrong, such as a bare name that two providers have. */
  readonly notes: readonly string[];
}

/** A row of `Plan.accounts`. */
export type AccountId = number & { readonly brand: "AccountId" };

/** One set of credentials at a provider. Every provider has one at least. */
export interface PlannedAccount {
  readonly id: AccountId;
  readonly provider: ProviderId;
  /** The operator's name for it; undefined if it is the only one. */
  readonly name: string | undefined;
  /** Where the credential is to be found; resolved when the plan goes live. */
  readonly apiKey: SecretReference | undefined;
  /** undefined where nothing is said: then the least busy one is asked. */
  readonly weight: number | undefined;
}

/** A provider as it is called: what the operator said, joined with what the definition knows. */
export interface PlannedProvider {
  readonly id: ProviderId;
  /** The operator's name for it, such as `openai-eu`. */
  readonly name: string;
  readonly definition: ProviderDefinition;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly accounts: readonly AccountId[];
  /** How many attempts may be under way there; undefined for any number. */
  readonly attemptsMax: number | undefined;
  /** Headers that the operator adds; values may be secrets. */
  readonly headers: Readonly<Record<string, string | SecretReference>>;
  /** How long an attempt may take, a stream's to its first content; undefined leaves it to the route's deadline. */
  readonly timeoutMs: number | undefined;
  /** How long a stream may be silent between two pieces. Milliseconds. */
  readonly silenceMs: number;
  /** The rest of what the operator said, for `definition.open`. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** One model of one provider under one of its accounts, which an attempt is sent to and health is kept of. */
export interface Target {
  readonly id: TargetId;
  /** `provider/model`, and `#account` where there are several: its identity across reloads, and what `x-omni-target` says. */
  readonly name: string;
  /** `provider/model`: what the configuration and clients call it. */
  readonly service: string;
  readonly provider: ProviderId;
  readonly account: AccountId;
  readonly operation: Operation;
  /** The provider's own name of the model. */
  readonly model: string;
  /** The same as a JSON string, quotes included. */
  readonly modelJson: Uint8Array;
  /** What is known of the model besides its price. */
  readonly sheet: ModelSheet;
  /** How to reach it from each downstream wire, by the wire's name. */
  readonly bridges: ReadonlyMap<string, TargetBridge>;
}

/** How a target is reached from one downstream wire. */
export interface TargetBridge {
  readonly bridge: Bridge;
  readonly url: string;
  readonly streamUrl: string;
  /** The way to the provider's counter of tokens; absent if it has none for the client's format. */
  readonly count?: { readonly bridge: Bridge; readonly url: string };
  /** The same way by the IR, for requests into which kept words were written and for streams that may be gone on with; absent where `bridge` goes by the IR anyhow. */
  readonly restating?: Bridge;
  /** Where conversations are made shorter; absent if the provider does not do it in the client's format. */
  readonly compactUrl?: string;
}

/** Who is sent a part of a route's requests, for nobody to read the answers. */
export interface Shadow {
  readonly route: RouteId;
  /** The part of all requests. */
  readonly share: number;
  /** How many may be under way. */
  readonly concurrency: number;
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
  /** Every node of its tree once, those below before those above, so the root is the last. */
  readonly nodes: Int32Array;
  /** Whether anything in its tree depends on what the request is, so that it is worth reading. */
  readonly asksFacts: boolean;
  /** Whether anything in its tree depends on what is left of rate limits, so that answers are looked at for it. */
  readonly asksHeadroom: boolean;
  /** Every target in its tree, once, in order of preference. */
  readonly targets: readonly TargetId[];
  /** All attempts and waits of an exchange together. Milliseconds. */
  readonly deadlineMs: number;
  /** From sending an attempt to its first content (streams) or to its head (whole answers). Milliseconds; undefined leaves it to `firstSignMs`. */
  readonly firstByteMs: number | undefined;
  /** Attempts in all, over the whole tree. */
  readonly attemptsMax: number;
  /** When a second target is asked beside the first; undefined for never. */
  readonly hedge: HedgeOptions | undefined;
  /** What is done when a target's format has no place for something that a request says. */
  readonly onLoss: NonNullable<ComboOptionsData["onLoss"]>;
  /** Whether a stream that breaks off is gone on with by another target. */
  readonly resumes: boolean;
  /** Who is sent a part of the requests as well; undefined for nobody. */
  readonly shadow: Shadow | undefined;
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
  /** What each edge asks of a request: a row of `conditions`; -1 if nothing. `[edges]` */
  readonly condition: Int32Array;
  readonly conditions: readonly Condition[];
  /** A number for each edge that follows from its target's or combo's name alone, so that it outlives reloads. `[edges]` */
  readonly key: Uint32Array;
}

/** Which requests an edge is for. */
export interface Condition {
  readonly inputTokensMin: number;
  readonly inputTokensMax: number;
  /** Bits of `NEEDS` that the request must have. */
  readonly needs: number;
  /** Bits that it must not have. */
  readonly needsNot: number;
  /** Names in lower case, and what they must be. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** A part of each day in UTC; undefined for all of it. */
  readonly hours: Hours | undefined;
  /** As the operator wrote it. */
  readonly data: WhenData;
}

/** What is known of the targets' models. `[targets]` each. */
export interface ModelColumns {
  /** US dollars per million tokens; NaN if unknown. */
  readonly inputPrice: Float64Array;
  readonly outputPrice: Float64Array;
  /** Input and output together; infinite if unknown. */
  readonly contextTokens: Float64Array;
  /** Bits of `NEEDS` that the model can not serve. */
  readonly lacks: Uint32Array;
}

/** How the process listens and stops. The port and the hostname of a running process stay as they were at its start. */
export interface PlannedServer {
  readonly port: number;
  readonly hostname: string;
  readonly drainMs: number;
  readonly bodyBytesMax: number;
  /** When new requests are refused; undefined for never. */
  readonly shed: ShedLimits | undefined;
  readonly adminToken: SecretReference | undefined;
  /** A listener for the administration alone; undefined if it is where everything else is. */
  readonly admin: { readonly port: number; readonly hostname: string } | undefined;
  readonly logs: "json" | "pretty";
  /** Whether exchanges are counted. */
  readonly metrics: boolean;
}
