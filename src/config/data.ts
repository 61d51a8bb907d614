import type { ModelSheet } from "../ir/model-sheet.ts";
import type { Operation } from "../ir/operation.ts";
import type { PiiKind } from "../policies/guard/pii.ts";
import type { WebhookEvent } from "../telemetry/webhooks.ts";
import type { Filter } from "../policies/compress/filter-grammar.ts";
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
  readonly telemetry?: { readonly logs?: "json" | "pretty"; readonly metrics?: boolean };
  readonly policies?: PoliciesData;
  /** What targets cost, where the gateway's own list does not say it or says something else. `*` at the end of a name stands for any rest. */
  readonly prices?: Readonly<Record<string, PriceData>>;
  /** `false` keeps none. Default: one in `.omni`, as far as that can be written to. */
  readonly ledger?: LedgerData | false;
  /** Whether the gateway reads pages of the web itself, as `local/reader`. Default true. */
  readonly localReader?: boolean;
}

/** Who may call, how much, and for how much. */
export interface PoliciesData {
  /** Keys of clients, by the operator's names for them. */
  readonly keys?: Readonly<Record<string, KeyData>>;
  /** Whether every request needs a key. Default: as soon as there is one, here or made at run time. */
  readonly requireKeys?: boolean;
  readonly limits?: Readonly<Record<string, LimitData>>;
  readonly budgets?: Readonly<Record<string, BudgetData>>;
  readonly rtk?: RtkData;
  readonly guardrails?: Readonly<Record<string, GuardrailData>>;
  readonly webhooks?: Readonly<Record<string, WebhookData>>;
  readonly idempotency?: IdempotencyData;
  readonly cache?: CacheData;
  readonly responses?: ResponsesData;
  readonly reasoning?: ReasoningData;
  readonly promptCache?: PromptCacheData;
}

/** How much of something is kept between requests, and for how long. */
export interface StoreData {
  readonly bytesMax?: number;
  /** A duration such as `24h`. */
  readonly ttl?: string;
  /** Whether it is found again after a restart: a file in the ledger's folder. Default false. */
  readonly persist?: boolean;
}

/** What is kept of requests with an `Idempotency-Key`. */
export interface IdempotencyData extends StoreData {
  /** Default true. */
  readonly enabled?: boolean;
}

/** What is kept of answers that clients may go on from by their names. */
export interface ResponsesData extends StoreData {
  /** Default `where-needed`. */
  readonly keep?: "where-needed" | "always" | "never";
}

/** What is left out of tool results. */
export interface RtkData {
  /** Default true. */
  readonly enabled?: boolean;
  /** What is done where there are cache breakpoints. Default `leave-all`. */
  readonly marked?: "leave-all" | "leave-marked" | "compress";
  /** The operator's own filters; they go before those that come with Omni. */
  readonly filters?: readonly Filter[];
  /** What is left alone. */
  readonly except?: RtkExceptData;
}

/** Requests whose tool results are left alone: one of these is enough. */
export interface RtkExceptData {
  readonly keys?: readonly string[];
  readonly models?: readonly string[];
  readonly providers?: readonly string[];
}

/** Answers that are given again to equal requests. */
export interface CacheData extends StoreData {
  /** Default true, where `cache` is there at all. */
  readonly enabled?: boolean;
  /** Who shares answers. Default `key`. */
  readonly per?: "key" | "team" | "organisation" | "all";
  /** What may be asked for. Default: everything. */
  readonly models?: readonly string[];
}

/** Somebody who is told over HTTP of what happens. */
export interface WebhookData {
  readonly url: string;
  /** What deliveries are signed with. */
  readonly secret: SecretReference;
  /** Default: all of them. */
  readonly events?: readonly WebhookEvent[];
}

/** What is looked for in requests and answers. Which fields mean something depends on `type`. */
export interface GuardrailData {
  readonly type: "pii" | "words" | "prompt-injection" | "max-tokens" | "http";
  readonly on?: "input" | "output" | "both";
  readonly action?: "redact" | "block" | "note";
  readonly detect?: readonly PiiKind[];
  readonly words?: readonly string[];
  readonly sensitivity?: "low" | "medium" | "high";
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly url?: string;
  readonly secret?: SecretReference;
  readonly timeout?: string;
  readonly onFailure?: "allow" | "deny";
  readonly for?: LimitForData;
}

/** How providers are helped to cache prompts. */
export interface PromptCacheData {
  /** Default true, where `promptCache` is there at all. */
  readonly enabled?: boolean;
  /** How long the provider is to keep them. Default: its usual time. */
  readonly ttl?: "5m" | "1h";
}

/** Reasoning that clients drop between turns. */
export interface ReasoningData extends StoreData {
  /** Default true. */
  readonly enabled?: boolean;
}

/** One key, told by its secret or by what that secret's SHA-256 is; and what it may do. */
export interface KeyData {
  readonly secret?: SecretReference;
  /** 64 hexadecimal digits. */
  readonly sha256?: string;
  readonly team?: string;
  readonly organisation?: string;
  readonly models?: readonly string[];
  readonly deny?: readonly string[];
  readonly operations?: readonly Operation[];
  readonly providers?: readonly string[];
  /** `2027-01-31` or a moment such as `2027-01-31T12:00:00Z`. */
  readonly expires?: string;
  readonly hours?: readonly { readonly days?: readonly ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[]; readonly utc: string }[];
  readonly addresses?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
}

/** Whom a limit or budget is for. */
export interface LimitForData {
  readonly keys?: readonly string[];
  readonly teams?: readonly string[];
  readonly organisations?: readonly string[];
}

/** How much there may be of something. */
export interface LimitData {
  readonly per: "key" | "team" | "organisation" | "model" | "provider" | "address" | "all";
  readonly requests?: number;
  readonly tokens?: number;
  /** How long requests and tokens are counted for. */
  readonly in?: string;
  readonly concurrent?: number;
  readonly for?: LimitForData;
  readonly shadow?: boolean;
}

/** How much may be spent. */
export interface BudgetData {
  readonly per: "key" | "team" | "organisation" | "all";
  readonly usd: number;
  readonly each: "day" | "week" | "month" | "total";
  readonly soft?: boolean;
  readonly for?: LimitForData;
}

/** US dollars per million tokens; `free`; or `unknown-ok`, where it does not matter that nobody knows. */
export type PriceData = "free" | "unknown-ok" | TokenPricesData;

/** US dollars per million tokens. */
export interface TokenPricesData {
  readonly input: number;
  readonly inputCached?: number;
  readonly inputCacheWritten?: number;
  readonly inputCacheWrittenLong?: number;
  readonly output: number;
  readonly reasoning?: number;
  readonly inputAudio?: number;
  readonly outputAudio?: number;
  /** Per thousand searches of the web. */
  readonly thousandSearches?: number;
}

/** Where and how it is taken down what requests cost. */
export interface LedgerData {
  /** Default `.omni`, in the configuration's folder. */
  readonly folder?: string;
  readonly onFailure?: "deny" | "allow";
  /** How long single attempts are kept; after that they are added up by day. Default 90. */
  readonly keepDays?: number;
}

/** One entry of `providers`; its key is the operator's name for it. */
export interface ProviderData {
  /** The name of a `ProviderDefinition`. */
  readonly kind: string;
  readonly apiKey?: SecretReference;
  /** Several sets of credentials instead of one, by the operator's names for them. */
  readonly accounts?: Readonly<Record<string, AccountData>>;
  /** How many attempts may be under way there. Default: any number. */
  readonly concurrency?: number;
  /** `flat`: it costs the same however much is asked. Default `metered`. */
  readonly billing?: "flat" | "metered";
  /** What is known of its models, by their names. */
  readonly facts?: Readonly<Record<string, ModelFactsData>>;
  readonly baseUrl?: string;
  /** How long an attempt may take: a whole answer to its last byte, a stream to its first content. A duration such as `60s`. */
  readonly timeout?: string;
  /** How long a stream may be silent between two pieces. Default `60s`. */
  readonly silenceTimeout?: string;
  readonly headers?: Readonly<Record<string, string | SecretReference>>;
  /** Added to those that the definition knows. */
  readonly models?: { readonly [O in Operation]?: readonly string[] };
  /** What this kind alone understands: the simulator's pace, for one. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** One set of credentials at a provider. */
export interface AccountData {
  readonly apiKey: SecretReference;
  /** How often, compared with the others. If nobody has one, whoever has the fewest requests under way is asked. */
  readonly weight?: number;
}

/** What a model can do, where it is not what one would expect. */
export interface ModelFactsData extends ModelSheet {
  /** Input and output together. */
  readonly contextTokens?: number;
  readonly tools?: boolean;
  readonly images?: boolean;
  readonly structuredOutput?: boolean;
}

/** A target as `provider/model`, or another combo as `combo:name`; with a weight where the strategy asks for one, and with what it is for. */
export type ComboTargetData = string | { readonly to: string; readonly weight?: number; readonly when?: WhenData };

/** Which requests a target of a combo is for. All that is said has to hold. */
export interface WhenData {
  /** Estimated: four bytes of the request make a token. */
  readonly inputTokensMin?: number;
  readonly inputTokensMax?: number;
  /** Whether the request offers tools. */
  readonly tools?: boolean;
  /** Whether there are images in it. */
  readonly images?: boolean;
  readonly stream?: boolean;
  /** Headers of the request and what they must be, letter by letter. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A span of the day in UTC such as `22:00-06:00`; the end is not part of it. */
  readonly hoursUtc?: string;
}

/** How a combo chooses. */
export type StrategyName =
  | "fallback"
  | "weighted"
  | "round-robin"
  | "random"
  | "least-busy"
  | "p2c"
  | "lowest-latency"
  | "lowest-cost"
  | "headroom"
  | "sticky"
  | "conditional"
  | "auto";

/** The name of each list is the kind of work that its targets do. */
export type ComboData = ComboOptionsData & { readonly [O in Operation]?: readonly ComboTargetData[] };

/** What holds for a combo as a whole. */
export interface ComboOptionsData {
  /** Default `fallback`. */
  readonly strategy?: StrategyName;
  /** All attempts and waits together. Default `600s`. */
  readonly timeout?: string;
  /** From sending an attempt to its first content. Default `60s`. */
  readonly firstByteTimeout?: string;
  /** Attempts in all, nested combos included. Default: the number of targets, at least 4. */
  readonly attempts?: number;
  /** What is done when a target's format has no place for something that a request says. Default `warn`. */
  readonly onLoss?: "warn" | "skip-target" | "error";
  /** Asks a second target when the first one is late. Default: never. */
  readonly hedge?: HedgeData;
  /** Whether a stream that breaks off is gone on with by another target. Default false. */
  readonly resume?: boolean;
  /** Who is sent a part of the requests as well, for nobody to read the answers. Default: nobody. */
  readonly shadow?: ShadowData;
}

/** Who is sent a part of a combo's requests as well. */
export interface ShadowData {
  /** A chat target, or a combo. */
  readonly to: string;
  /** The part of all requests. Default 0.01. */
  readonly share?: number;
  /** How many may be under way; what is more is not sent. Default 4. */
  readonly concurrency?: number;
}

/** When a second target is asked beside the first, and how often at most. */
export interface HedgeData {
  /** After this time without content. Default: what 95 % of the combo's first contents took of late. */
  readonly after?: string;
  /** The part of all requests that may be asked twice. Default 0.05. */
  readonly share?: number;
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
  /** When new requests are refused, so that those under way are served. Default: never. */
  readonly shed?: { readonly lag?: string; readonly memoryBytes?: number };
  readonly admin?: AdminData;
}

/** Who may administer the gateway, and where. */
export interface AdminData {
  readonly token?: SecretReference;
  /** A listener of its own. Default: where everything else is. */
  readonly port?: number;
  readonly hostname?: string;
}
