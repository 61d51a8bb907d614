import type { Operation } from "../ir/operation.ts";
import type { Filter } from "../policies/compress/filter-grammar.ts";
import type { Catalog } from "./catalog.ts";
import type { SecretReference } from "./secret.ts";

// This file holds types alone, and `declarations.ts` puts its text, imports left out, into the `omni.d.ts` that travels with the binary.
// Three rules keep its messages good; each was found by trying: infer the names of keys and never their values; `NoInfer` wherever a name is
// used; unions of names stand in object types that are indexed where they are used, since an alias is printed with all its arguments.

/** A span of time: `500ms`, `30s`, `1.5m`, `2h`. */
export type Duration = `${number}${"ms" | "s" | "m" | "h"}`;

/** Where a provider lives. */
export type HttpUrl = `https://${string}` | `http://${string}`;

/** A secret, as the configuration holds it. The sentence is only a sign-post for editors and messages: a string is refused. */
export interface Secret {
  readonly value: SecretReference | 'NEVER inline a key: use secret.env("NAME"), secret.file("/path") or secret.exec(["command"])';
}

/** Ways to say where a secret is to be found. None of them reads it: that happens when the gateway starts. */
export interface Secrets {
  /** An environment variable of the gateway. */
  env(name: string): SecretReference;
  /** A file, such as a mounted Kubernetes secret. What stands around its content, like the last line break, is cut off. A relative path starts at the configuration's folder. */
  file(path: string): SecretReference;
  /** What a command prints, such as `["op", "read", "op://ai/openai/key"]`. It is started as it is, not through a shell, and has 5 seconds. */
  exec(command: readonly [string, ...string[]]): SecretReference;
}

/** Names of models by kind of work. */
export type ModelLists = { readonly [O in Operation]?: readonly string[] };

/** One set of credentials at a provider. */
export interface Account {
  readonly apiKey: Secret["value"];
  /** How often, compared with the others. If nobody has one, whoever has the fewest requests under way is asked. */
  readonly weight?: number;
}

/** What a model can do. Default: what is known of it; else everything, at any length. */
export interface ModelFacts {
  /** Input and output together. */
  readonly contextTokens?: number;
  readonly tools?: boolean;
  readonly images?: boolean;
  readonly structuredOutput?: boolean;
  /** Embedding: how long its vectors are. */
  readonly dimensions?: number;
  /** How many tokens, or characters, one input may have. */
  readonly inputTokensMax?: number;
  readonly inputCharactersMax?: number;
  /** How many inputs one request may have; more are sent in several. */
  readonly inputsMax?: number;
  /** Image: `1024x1024` and the like. */
  readonly sizes?: readonly string[];
  /** Image: how many it makes in one call; more are made in several. */
  readonly imagesMax?: number;
  /** Image: what it does. */
  readonly capabilities?: readonly ("generate" | "edit" | "mask" | "vary" | "stream")[];
  /** Speech. */
  readonly voices?: readonly string[];
  /** Speech and transcription: `mp3` and the like. Image: what it reads, such as `png`. */
  readonly formats?: readonly string[];
  /** The largest file, in bytes. */
  readonly fileBytesMax?: number;
}

/** What every provider understands. */
export interface ProviderOptions {
  /** Default: the environment variable that the provider's own tools read, such as `OPENAI_API_KEY`. */
  readonly apiKey?: Secret["value"];
  /** Several sets of credentials instead of one. A key that is refused or used up rests, and the others go on. */
  readonly accounts?: { readonly [name: string]: Account };
  /** How many requests may be under way there; as many more wait, for 2 seconds at most. Default: any number. */
  readonly concurrency?: number;
  /** `flat`: it costs the same however much is asked, as a subscription does; `combo:subscription` asks it first. Default `metered`. */
  readonly billing?: "flat" | "metered";
  /** What its models can do, where it is not what one would expect. Whoever can not serve a request is not asked. */
  readonly facts?: { readonly [model: string]: ModelFacts };
  /** Instead of the provider's own address. Credentials go into `apiKey`, not here. */
  readonly baseUrl?: HttpUrl;
  /** How long an attempt may take: a whole answer to its last byte, a stream to its first content. Default: what is left of the combo's `timeout`. */
  readonly timeout?: Duration;
  /** How long a stream may be silent between two pieces; comments count as pieces. Default `60s`. */
  readonly silenceTimeout?: Duration;
  /** Headers to add to each request. */
  readonly headers?: { readonly [name: string]: string | SecretReference };
}

/** A declared provider. Plain data; what else it holds, its type need not know. */
export interface Provider<Kind extends string = string, Models extends ModelLists = ModelLists> {
  readonly kind: Kind;
  readonly models?: Models | undefined;
}

/** What is known of a kind of provider. */
export interface CatalogEntry {
  readonly models: { readonly [O in Operation]?: string };
  /** What this kind alone understands. */
  readonly settings: object;
}

/** Where a provider is to be found: what the address of its kind lacks, or the whole of it. */
export type Whereabouts<Settings> =
  Record<never, never> extends Settings
    ? { readonly baseUrl: HttpUrl }
    : { readonly settings: Settings } | { readonly baseUrl: HttpUrl; readonly settings?: Settings };

/** Makes a provider of one kind. A kind that knows no models of its own has to be told its models and its address; one whose address lacks settings, those. */
export type ProviderFactory<Kind extends string, Entry extends CatalogEntry> = keyof Entry["models"] extends never
  ? <const Models extends ModelLists>(
      options: ProviderOptions & { readonly models: Models } & Whereabouts<Entry["settings"]>,
    ) => Provider<Kind, Models>
  : Record<never, never> extends Entry["settings"]
    ? <const Models extends ModelLists = Record<never, never>>(
        options?: ProviderOptions & {
          /** Added to those that are known already. */
          readonly models?: Models;
        } & (keyof Entry["settings"] extends never ? unknown : { readonly settings?: Entry["settings"] }),
      ) => Provider<Kind, Models>
    : <const Models extends ModelLists = Record<never, never>>(
        options: ProviderOptions & { readonly models?: Models } & Whereabouts<Entry["settings"]>,
      ) => Provider<Kind, Models>;

/** `openai-compatible` is made by `provider.openaiCompatible`. */
export type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}` ? `${First}${Capitalize<CamelCase<Rest>>}` : Name;

/** One factory for each kind of provider. */
export type ProviderFactories = { readonly [Kind in keyof Catalog & string as CamelCase<Kind>]: ProviderFactory<Kind, Catalog[Kind]> };

/** Providers by the names that targets begin with. */
export type ProviderMap = { readonly [name: string]: Provider };

// `string extends Name` drops what was not inferred; without it a provider with no list of its own would accept any model.
type Listed<Models> = Models extends readonly (infer Name extends string)[] ? (string extends Name ? never : Name) : never;

type ModelsOf<P, O extends Operation> =
  P extends Provider<infer Kind, infer Models>
    ?
        | (Kind extends keyof Catalog ? (O extends keyof Catalog[Kind]["models"] ? Catalog[Kind]["models"][O] & string : never) : never)
        | (O extends keyof Models ? Listed<Models[O]> : never)
    : never;

/** Every name that a list may hold, by kind of work: computed from what is declared, not from all that exists. */
export type Names<P extends ProviderMap, C extends string> = {
  readonly [O in Operation]:
    | { [N in keyof P & string]: `${N}/${ModelsOf<P[N], O>}` }[keyof P & string]
    | (O extends "webFetch" ? ("local" extends keyof P ? never : "local/reader") : never)
    | `combo:${C | "auto" | "cost-optimized" | "subscription"}`;
};

/** Which requests a target of a combo is for. All that is said has to hold. */
export interface When {
  /** Estimated: four bytes of the request make a token. */
  readonly inputTokensMin?: number;
  readonly inputTokensMax?: number;
  /** Whether the request offers tools. */
  readonly tools?: boolean;
  /** Whether there are images in it. */
  readonly images?: boolean;
  readonly stream?: boolean;
  /** Headers of the request and what they must be, letter by letter. */
  readonly headers?: { readonly [name: string]: string };
  /** A span of the day in UTC such as `22:00-06:00`; the end is not part of it. */
  readonly hoursUtc?: `${number}:${number}-${number}:${number}`;
}

/** How a combo chooses and how long it tries. */
export interface ComboOptions {
  /**
   * `fallback`: in order, the next when one fails. `conditional`: the same, among those whose `when` holds. `weighted`: by chance, by weight.
   * `random`: by chance. `round-robin`: in turn. `least-busy`: fewest requests under way. `p2c`: the quicker and less busy one of two drawn by chance.
   * `lowest-latency`: soonest first content. `lowest-cost`: the cheapest for this request. `headroom`: most left of its rate limit. `sticky`: the same
   * for the same session or conversation. `auto`: by a score of health, cost, latency and headroom. Default `fallback`.
   */
  readonly strategy?:
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
  /** All attempts and waits together. Default `600s`. */
  readonly timeout?: Duration;
  /** From sending an attempt to its first content. Default `60s`. */
  readonly firstByteTimeout?: Duration;
  /** Attempts in all, nested combos included. Default: the number of targets, at least 4. */
  readonly attempts?: number;
  /**
   * What is done when a target's format has no place for something that a request of a chat says (`omni check --losses` foresees it). `warn`: it is left out,
   * and `x-omni-loss` names it. `skip-target`: the next target is asked. `error`: the request is refused. Default `warn`.
   */
  readonly onLoss?: "warn" | "skip-target" | "error";
  /**
   * Asks a second target as well when the first one is late; the first content wins, the other attempt is ended and may cost all the same. `{}` for the
   * defaults. Only for chat, embeddings, moderations and reranking. Default: never.
   */
  readonly hedge?: {
    /** How late. Default: what 95 % of this combo's first contents took of late. */
    readonly after?: Duration;
    /** The part of all requests that may be asked twice; a target that costs twice as much counts double. Default 0.05. */
    readonly share?: number;
  };
  /**
   * Whether a stream of chat that breaks off is gone on with by the same model elsewhere, or the next target: once, plain text only, and marked in the
   * stream. Otherwise the client is told that it broke off. Default false.
   */
  readonly resume?: boolean;
}

/** Several targets behind one name. The name of each list is the kind of work that its targets do. */
export type Combo<N extends { readonly [O in Operation]: string }> = ComboOptions & {
  /**
   * Sends a part of all chats to somebody else as well and throws the answers away, to see in the ledger and in `/admin/health` what they would cost and
   * how they would fare. No client waits for it. Default: nobody.
   */
  readonly shadow?: {
    readonly to: N["chat"];
    /** The part of all requests. Default 0.01. */
    readonly share?: number;
    /** How many may be under way; what is more is not sent. Default 4. */
    readonly concurrency?: number;
  };
} & {
  readonly [O in Operation]?: readonly (
    | N[O]
    | {
        readonly to: N[O];
        /** How often, compared with the others of a `weighted` or `sticky` list. Default 1. */
        readonly weight?: number;
        /** Which requests it is for. Default: all. */
        readonly when?: When;
      }
  )[];
};

/** Where and how the gateway listens. */
export interface Server {
  /** Default 20128. */
  readonly port?: number;
  /** Default `127.0.0.1`. Addresses that other machines can reach need keys in `policies`. */
  readonly hostname?: string;
  /** How long streams may go on after SIGTERM. Default `600s`. */
  readonly drain?: Duration;
  /** The largest request body, in bytes. Default 33554432 (32 MiB). */
  readonly bodyBytesMax?: number;
  /** When new requests are refused with 503, so that those under way are served. Default: never. */
  readonly shed?: {
    /** As soon as the process is so far behind with its work, such as `250ms`. */
    readonly lag?: Duration;
    /** As soon as it has so much memory: best some 85 % of what it may have. */
    readonly memoryBytes?: number;
  };
  readonly admin?: {
    /** What `/admin` asks for. Without it, and without a password (`omni admin set-password`), only this machine may use it. */
    readonly token?: Secret["value"];
    /** A listener for the administration alone, `/metrics` included: what is of it is not found on the other one. Default: one listener for all. */
    readonly port?: number;
    /** Where that listens. Default `127.0.0.1`. */
    readonly hostname?: string;
  };
}

/** What the gateway tells of itself. */
export interface Telemetry {
  /** Default: `pretty` on a terminal, `json` elsewhere. */
  readonly logs?: "json" | "pretty";
  /** Whether exchanges are counted for `GET /metrics`, which Prometheus reads. Default true. */
  readonly metrics?: boolean;
}

/** A key of a client, and what it may do; what is left out is not limited. Keys can also be made while the gateway runs: `omni keys new`. */
export interface Key {
  /** Where the key itself is to be found. */
  readonly secret?: Secret["value"];
  /** Instead of `secret`: the SHA-256 of the key, 64 hexadecimal digits, so that the gateway never sees the key before a client sends it. */
  readonly sha256?: string;
  /** What it belongs to; limits and budgets may be per team. */
  readonly team?: string;
  readonly organisation?: string;
  /** What may be asked for: `smart`, `openai/gpt-5.1`, or with a star at the end `openai/*`. */
  readonly models?: readonly string[];
  /** What may not be asked for, whatever `models` says. */
  readonly deny?: readonly string[];
  /** Kinds of work. */
  readonly operations?: readonly Operation[];
  /** Which providers may serve it, whatever the combo says. */
  readonly providers?: readonly string[];
  /** `2027-01-31`, from the beginning of which day on it is of no use, or a moment such as `2027-01-31T12:00:00Z`. */
  readonly expires?: string;
  /** When it may be used, in UTC; one of these is enough. */
  readonly hours?: readonly {
    /** Default: every day. */
    readonly days?: readonly ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
    /** `08:00-18:00`; the end is not part of it. */
    readonly utc: `${number}:${number}-${number}:${number}`;
  }[];
  /** Where it may come from: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`. */
  readonly addresses?: readonly string[];
  readonly tags?: { readonly [name: string]: string };
}

/** Whom a limit or a budget is for. All that is said has to hold. */
export interface Whom {
  readonly keys?: readonly string[];
  readonly teams?: readonly string[];
  readonly organisations?: readonly string[];
}

/** How much there may be: of requests or tokens in a time, or at once. */
export interface Limit {
  /** What is counted apart. `all`: everything together. */
  readonly per: "key" | "team" | "organisation" | "model" | "provider" | "address" | "all";
  readonly requests?: number;
  /** Input and output. */
  readonly tokens?: number;
  /** How long requests and tokens are counted for: `1s`, `1m`, `1h`, `24h`. */
  readonly in?: Duration;
  /** How many may be under way at once. */
  readonly concurrent?: number;
  /** Default: everybody. */
  readonly for?: Whom;
  /** Only notes in the log what it would refuse. Default false. */
  readonly shadow?: boolean;
}

/** How much may be spent. */
export interface Budget {
  readonly per: "key" | "team" | "organisation" | "all";
  /** US dollars. */
  readonly usd: number;
  /** Periods begin at midnight UTC, weeks on Monday. */
  readonly each: "day" | "week" | "month" | "total";
  /** Only warns: in the log, and in a header. Default false. */
  readonly soft?: boolean;
  /** Default: everybody. */
  readonly for?: Whom;
}

/** Who may call, how much, and for how much. */
export interface Policies {
  /** Keys of clients, by your names for them. */
  readonly keys?: { readonly [name: string]: Key };
  /** Whether every request needs a key. Default: as soon as there is one, here or made by `omni keys new`. */
  readonly requireKeys?: boolean;
  readonly limits?: { readonly [name: string]: Limit };
  readonly budgets?: { readonly [name: string]: Budget };
  readonly rtk?: Rtk;
  /** What is looked for in requests and answers, by your names for it. They look in this order. */
  readonly guardrails?: { readonly [name: string]: Guardrail };
  /** Who is told when a budget is used up by half, four fifths or all of it, or when the ledger stops to work as it should. */
  readonly webhooks?: { readonly [name: string]: Webhook };
  readonly idempotency?: Idempotency;
  readonly cache?: AnswerCache;
  readonly responses?: KeptResponses;
  readonly reasoning?: Reasoning;
  readonly promptCache?: PromptCache;
}

/** How much of something is kept between requests, and for how long. Nobody's part of it can push out all others'. */
export interface Kept {
  /** All together, in bytes. What was longest not asked for goes first. */
  readonly bytesMax?: number;
  /** How long. */
  readonly ttl?: Duration;
  /** Whether it is found again after a restart: a file in the ledger's folder. Default false. */
  readonly persist?: boolean;
}

/**
 * What happens to requests with the header `Idempotency-Key`: one that comes again gets the answer that was given, and nothing is asked of a provider.
 * Default: 64 MiB, for 24 hours.
 */
export interface Idempotency extends Kept {
  /** Default true. Without it the header means nothing. */
  readonly enabled?: boolean;
}

/**
 * Answers that clients of OpenAI's Responses go on from by their names (`previous_response_id`), fetch and delete. Each key's are its own.
 * Default: 64 MiB, for 720 hours (30 days), as OpenAI keeps them.
 */
export interface KeptResponses extends Kept {
  /**
   * `where-needed`: what the provider does not keep itself; of the rest it is only remembered which account has it. `always`: all, so that a conversation can go
   * on at another provider. `never`: nothing. Requests with `store: false` are never kept. Default `where-needed`.
   */
  readonly keep?: "where-needed" | "always" | "never";
}

/** Somebody who is told over HTTP: a signed POST, tried again for some minutes until it is answered with 2xx. */
export interface Webhook {
  readonly url: HttpUrl;
  /** `x-omni-signature: t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA256 of `SECONDS.BODY` by this. */
  readonly secret: Secret["value"];
  /** Default: all of them. */
  readonly events?: readonly ("budget.spent" | "ledger.changed")[];
}

/** What is looked for, and what is done about it. An answer that is looked at is translated even where both ends speak the same. */
export type Guardrail = { readonly for?: Whom } & (
  | {
      /** Personal data and secrets; those with check digits are only found where these are right. */
      readonly type: "pii";
      /** Default: all but `ipv4`. */
      readonly detect?: readonly ("email" | "card" | "iban" | "us-ssn" | "phone" | "ipv4" | "secret")[];
      /** `redact`: a word such as `[EMAIL]` takes its place. `block`: 400, or the stream ends. `note`: a header and the metrics tell. Default `redact`. */
      readonly action?: "redact" | "block" | "note";
      /** Default `input`. */
      readonly on?: "input" | "output" | "both";
    }
  | {
      /** Words and phrases, whole ones, in any case. */
      readonly type: "words";
      readonly words: readonly string[];
      /** Default `block`. */
      readonly action?: "redact" | "block" | "note";
      /** Default `input`. */
      readonly on?: "input" | "output" | "both";
    }
  | {
      /** Attempts to turn the model against its instructions, by how they are usually worded. A heuristic. */
      readonly type: "prompt-injection";
      /** Default `medium`. */
      readonly sensitivity?: "low" | "medium" | "high";
      /** Default `block`. */
      readonly action?: "block" | "note";
    }
  | {
      /** Requests that are too long, as far as can be told before they are sent, or ask for too long an answer. */
      readonly type: "max-tokens";
      readonly inputTokens?: number;
      readonly outputTokens?: number;
    }
  | {
      /** Whoever answers there `{"action":"allow"}` or `{"action":"block"}` to a POST of the request's texts. */
      readonly type: "http";
      readonly url: HttpUrl;
      /** What the POST is signed with, by HMAC-SHA256: `x-omni-signature: sha256=…`. */
      readonly secret?: Secret["value"];
      /** Default `2s`. */
      readonly timeout?: Duration;
      /** What counts when there is no answer in time: `deny` (503) or `allow`. */
      readonly onFailure: "allow" | "deny";
    }
);

/** What is left out of tool results: progress bars, passing tests, repeated lines. Errors never are. */
export interface Rtk {
  /** Default true. A request switches it off for itself with the header `x-omni-rtk: off`. */
  readonly enabled?: boolean;
  /**
   * What is done in conversations that have cache breakpoints. `leave-all`: nothing. `leave-marked`: only results with a breakpoint of their own are left
   * alone. `compress`: breakpoints stay where they are, texts shrink. Default `leave-all`.
   */
  readonly marked?: "leave-all" | "leave-marked" | "compress";
  /** Filters of your own, each made by `defineFilter`; they go before those that come with Omni, and hide those of the same `id`. */
  readonly filters?: readonly Filter[];
  /** Requests that are left alone; one of these is enough. */
  readonly except?: {
    /** Names of keys. */
    readonly keys?: readonly string[];
    /** What is asked for: `smart`, `openai/gpt-5.1`, or with a star at the end `openai/*`. */
    readonly models?: readonly string[];
    /** What any of these providers may serve. */
    readonly providers?: readonly string[];
  };
}

/**
 * Answers that were given are given again to requests that are equal in every field; equal requests at the same time are one request to a provider. Off
 * unless it is written down: `cache: {}`. A request minds `cache-control: no-store`, `no-cache` and `max-age=60`; the answer says `x-omni-cache`.
 * Default: 128 MiB, for an hour.
 */
export interface AnswerCache extends Kept {
  /** Default true. */
  readonly enabled?: boolean;
  /** Who shares answers; whoever has no team or organisation shares with nobody but the same key. Default `key`. */
  readonly per?: "key" | "team" | "organisation" | "all";
  /** What it is for: `smart`, `openai/gpt-5.1`, or with a star at the end `openai/*`. Default: everything. */
  readonly models?: readonly string[];
}

/**
 * Puts marks into prompts for providers that cache only up to a mark (Claude, at Anthropic and on Bedrock), where the client's format has none: behind the tools,
 * the system prompt and the last two turns of the user. And a conversation goes to the same account of a provider as before, whose cache is warm. Off unless
 * it is written down: `promptCache: {}`.
 */
export interface PromptCache {
  /** Default true. */
  readonly enabled?: boolean;
  /** How long the provider is to keep prompts; longer costs more to write. Default: its usual time, five minutes. */
  readonly ttl?: "5m" | "1h";
}

/**
 * What a model thought, with what vouches for it, is kept where the client's format drops it, and put back on the next turn: for the same caller and the same
 * account of the provider alone. Default: 64 MiB, for 24 hours.
 */
export interface Reasoning extends Kept {
  /** Default true. */
  readonly enabled?: boolean;
}

/** What a model costs. US dollars per million tokens, as vendors print them. */
export interface Price {
  readonly input: number;
  /** Read from the provider's cache. Default: as `input`. */
  readonly inputCached?: number;
  /** Written to the provider's cache. Default: as `input`. */
  readonly inputCacheWritten?: number;
  /** Written for an hour. Default: as `inputCacheWritten`. */
  readonly inputCacheWrittenLong?: number;
  readonly output: number;
  /** Default: as `output`. */
  readonly reasoning?: number;
  readonly inputAudio?: number;
  readonly outputAudio?: number;
  /** US dollars per thousand searches of the web. */
  readonly thousandSearches?: number;
}

/** Where and how it is taken down what requests cost. Without it that is done too, where there is room for it, and holds up nobody. */
export interface Ledger {
  /** Default `.omni`, in the configuration's folder. */
  readonly folder?: string;
  /** What happens to requests when their cost can not be taken down, as on a full disk: `deny` (503) or `allow`. Default `deny`. */
  readonly onFailure?: "deny" | "allow";
  /** How many days single attempts are kept; after that they are added up by day. Default 90. */
  readonly keepDays?: number;
}

/** What differs in one environment. Objects are merged into the configuration, lists replace. */
export interface Overlay<P extends ProviderMap, C extends string> {
  readonly providers?: { readonly [N in keyof P]?: ProviderOptions };
  readonly combos?: { readonly [N in C]?: Combo<Names<P, C>> };
  readonly default?: Names<P, C>["chat"];
  readonly aliases?: { readonly [alias: string]: Names<P, C>[Operation] };
  readonly server?: Server;
  readonly telemetry?: Telemetry;
  readonly policies?: Policies;
  readonly prices?: { readonly [target: string]: Price | "free" | "unknown-ok" };
  readonly ledger?: Ledger | false;
  readonly localReader?: boolean;
}

/** A whole configuration. */
export interface Config<P extends ProviderMap, C extends string, E extends string> {
  /** Who can be called. The key is the name used everywhere else: `openai` in `openai/gpt-5.1`. */
  readonly providers: P;
  /** Clients ask for `combo:smart`, or just `smart`. */
  readonly combos?: { readonly [N in C]: Combo<Names<NoInfer<P>, NoInfer<C>>> };
  /** What the model name `default` stands for. */
  readonly default?: Names<NoInfer<P>, NoInfer<C>>["chat"];
  /** More names for targets and combos. */
  readonly aliases?: { readonly [alias: string]: Names<NoInfer<P>, NoInfer<C>>[Operation] };
  readonly server?: Server;
  readonly telemetry?: Telemetry;
  readonly policies?: Policies;
  /**
   * What targets cost, where the gateway's own list does not know it: `{ "local/*": "free", "openai/ft:mine": { input: 3, output: 12 } }`. A budget
   * can not hold where a price is unknown, so that is refused unless it says `unknown-ok` here.
   */
  readonly prices?: { readonly [target: string]: Price | "free" | "unknown-ok" };
  /** `false`: nothing is taken down. */
  readonly ledger?: Ledger | false;
  /**
   * Whether the gateway reads pages of the web itself, for whoever asks for `local/reader`. Default true. It goes to the public internet alone; where else
   * it may go is said by `providers: { local: provider.local({ settings: { privateHosts: ["wiki.example.internal"] } }) }`.
   */
  readonly localReader?: boolean;
  /** Picked by `--env` or `OMNI_ENV`. */
  readonly environments?: { readonly [N in E]: Overlay<NoInfer<P>, NoInfer<C>> };
}

/** Types a configuration, and gives it back as it is. */
export type DefineConfig = <const P extends ProviderMap, const C extends string = never, const E extends string = never>(
  config: Config<P, C, E>,
) => Config<P, C, E>;

/** Types the providers, in a file of their own. */
export type DefineProviders = <const P extends ProviderMap>(providers: P) => P;

/** Types combos over given providers, in a file of their own. */
export type DefineCombos = <P extends ProviderMap, const C extends string>(
  providers: P,
  combos: { readonly [N in C]: Combo<Names<NoInfer<P>, NoInfer<C>>> },
) => { readonly [N in C]: Combo<Names<P, C>> };
