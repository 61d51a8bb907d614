import Type, { type Static, type TLiteral, type TSchema, type TUnion } from "typebox";
import { Check } from "typebox/value";
import { OPERATIONS, type Operation } from "../ir/operation.ts";
import { WEBHOOK_EVENTS } from "../telemetry/webhooks.ts";
import { PII_KINDS } from "../policies/guard/pii.ts";
import type { ConfigData, ProviderData, StrategyName } from "./data.ts";
import { DURATION_PATTERN } from "./duration.ts";
import type { Fault } from "./fault.ts";
import { HOURS_PATTERN } from "./hours.ts";
import { faultsBySchema } from "./schema-faults.ts";

/** What a file may say before an environment is picked: `ConfigData`, and the overlays. */
export interface ConfigFile extends ConfigData {
  /** For editors of JSON and YAML. */
  readonly $schema?: string;
  readonly environments?: Readonly<Record<string, OverlayData>>;
}

/** What differs in one environment; everything may be left out. */
export type OverlayData = Partial<Omit<ConfigData, "providers">> & {
  readonly providers?: Readonly<Record<string, Omit<ProviderData, "kind" | "models" | "settings">>>;
};

// `expected` completes the sentence "… is not …" in messages.
const strict = { additionalProperties: false };
const optional = Type.Optional;
const duration = Type.String({ pattern: DURATION_PATTERN, expected: 'a duration: write "500ms", "30s", "5m" or "2h"' });
const count = Type.Integer({ minimum: 1, expected: "a whole number from 1" });
const text = Type.String({ expected: "a text" });

const secret = Type.Union(
  [
    Type.Object({ $secret: Type.Union([Type.Literal("env"), Type.Literal("file")]), name: Type.String({ minLength: 1 }) }, strict),
    Type.Object({ $secret: Type.Literal("exec"), name: Type.Array(text, { minItems: 1 }) }, strict),
  ],
  { expected: 'a secret reference: write secret.env("NAME"), secret.file("/path") or secret.exec(["command"])' },
);
const oneOf = <const Word extends string>(words: readonly Word[]): TUnion<TLiteral<Word>[]> =>
  Type.Union(words.map((word) => Type.Literal(word)));
/** One list for each kind of work; the build breaks here when there is one more. */
const byOperation = <T extends TSchema>(list: T): Record<Operation, ReturnType<typeof optional<T>>> => ({
  chat: optional(list),
  embedding: optional(list),
  image: optional(list),
  speech: optional(list),
  transcription: optional(list),
  moderation: optional(list),
  rerank: optional(list),
  webSearch: optional(list),
  webFetch: optional(list),
});

const models = Type.Object(byOperation(Type.Array(text)), { ...strict, expected: 'a list of models: write { chat: ["name"] }' });
const weight = Type.Number({ exclusiveMinimum: 0, expected: "a weight above 0" });
const account = Type.Object(
  { apiKey: secret, weight: optional(weight) },
  { ...strict, expected: 'an account: write { apiKey: secret.env("NAME") }' },
);
const modelFacts = Type.Object(
  {
    contextTokens: optional(count),
    tools: optional(Type.Boolean()),
    images: optional(Type.Boolean()),
    structuredOutput: optional(Type.Boolean()),
    dimensions: optional(count),
    inputTokensMax: optional(count),
    inputCharactersMax: optional(count),
    inputsMax: optional(count),
    sizes: optional(Type.Array(text)),
    imagesMax: optional(count),
    capabilities: optional(Type.Array(oneOf(["generate", "edit", "mask", "vary", "stream"]))),
    voices: optional(Type.Array(text)),
    formats: optional(Type.Array(text)),
    fileBytesMax: optional(count),
  },
  strict,
);
const providerOptions = {
  apiKey: optional(secret),
  baseUrl: optional(Type.String({ expected: "an address such as https://api.example.com/v1" })),
  timeout: optional(duration),
  silenceTimeout: optional(duration),
  headers: optional(Type.Record(Type.String(), Type.Union([text, secret]))),
  accounts: optional(Type.Record(Type.String(), account)),
  concurrency: optional(count),
  billing: optional(Type.Union([Type.Literal("flat"), Type.Literal("metered")], { expected: '"flat" or "metered"' })),
  facts: optional(Type.Record(Type.String(), modelFacts)),
};
const provider = Type.Object(
  {
    kind: text,
    ...providerOptions,
    models: optional(models),
    settings: optional(Type.Record(Type.String(), Type.Unknown())),
  },
  { ...strict, expected: "a provider: write provider.openai() or another of provider's" },
);
const strategies = [
  ...(["fallback", "weighted", "round-robin", "random", "least-busy", "p2c"] as const),
  ...(["lowest-latency", "lowest-cost", "headroom", "sticky", "conditional", "auto"] as const),
];
const strategy = Type.Union(
  strategies.map((name) => Type.Literal(name)),
  { expected: `a strategy: write ${strategies.map((name) => JSON.stringify(name)).join(", ")}` },
);
// The build breaks here when the list lacks a name.
true satisfies StrategyName extends (typeof strategies)[number] ? true : never;
const tokens = Type.Integer({ minimum: 0, expected: "a whole number of tokens" });
const when = Type.Object(
  {
    inputTokensMin: optional(tokens),
    inputTokensMax: optional(tokens),
    tools: optional(Type.Boolean()),
    images: optional(Type.Boolean()),
    stream: optional(Type.Boolean()),
    headers: optional(Type.Record(Type.String(), text)),
    hoursUtc: optional(Type.String({ pattern: HOURS_PATTERN, expected: 'a span of the day: write "22:00-06:00"' })),
  },
  { ...strict, expected: "a condition: write { inputTokensMax: 8000, images: false }" },
);
const target = Type.Union([text, Type.Object({ to: text, weight: optional(weight), when: optional(when) }, strict)], {
  expected: 'a target: write "provider/model", "combo:name" or { to: "provider/model", weight: 2 }',
});
const part = Type.Number({ exclusiveMinimum: 0, maximum: 1, expected: "a part of all, above 0 and up to 1, such as 0.05" });
const hedge = Type.Object(
  { after: optional(duration), share: optional(part) },
  { ...strict, expected: 'when a second target is asked: write {} or { after: "2s", share: 0.05 }' },
);
const combo = Type.Object(
  {
    strategy: optional(strategy),
    timeout: optional(duration),
    firstByteTimeout: optional(duration),
    hedge: optional(hedge),
    resume: optional(Type.Boolean()),
    shadow: optional(Type.Object({ to: text, share: optional(part), concurrency: optional(count) }, strict)),
    attempts: optional(count),
    onLoss: optional(Type.Union([Type.Literal("warn"), Type.Literal("skip-target"), Type.Literal("error")])),
    ...byOperation(Type.Array(target, { expected: 'a list of targets: write ["provider/model"]' })),
  },
  { ...strict, expected: 'a combo: write { chat: ["provider/model"] }' },
);
const names = Type.Array(text, { expected: 'a list of names: write ["name"]' });
const whom = Type.Object({ keys: optional(names), teams: optional(names), organisations: optional(names) }, strict);
/** What a key may do, be it declared here or made while the gateway runs. */
const keyFields = {
  team: optional(text),
  organisation: optional(text),
  models: optional(names),
  deny: optional(names),
  operations: optional(Type.Array(oneOf(OPERATIONS))),
  providers: optional(names),
  expires: optional(
    Type.String({
      pattern: "^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])(T([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?Z)?$",
      expected: 'a day or a moment in UTC: write "2027-01-31" or "2027-01-31T12:00:00Z"',
    }),
  ),
  hours: optional(
    Type.Array(
      Type.Object(
        {
          days: optional(Type.Array(oneOf(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]))),
          utc: Type.String({ pattern: HOURS_PATTERN, expected: 'a span of the day: write "08:00-18:00"' }),
        },
        { ...strict, expected: 'hours: write { days: ["mon"], utc: "08:00-18:00" }' },
      ),
    ),
  ),
  addresses: optional(Type.Array(text, { expected: 'a list of addresses: write ["10.0.0.0/8"]' })),
  tags: optional(Type.Record(Type.String(), text)),
};
const key = Type.Object(
  {
    secret: optional(secret),
    sha256: optional(Type.String({ pattern: "^[0-9a-f]{64}$", expected: "a SHA-256: write its 64 hexadecimal digits, in lower case" })),
    ...keyFields,
  },
  { ...strict, expected: 'a key: write { secret: secret.env("NAME") }' },
);
const limit = Type.Object(
  {
    per: oneOf(["key", "team", "organisation", "model", "provider", "address", "all"]),
    requests: optional(count),
    tokens: optional(count),
    in: optional(duration),
    concurrent: optional(count),
    for: optional(whom),
    shadow: optional(Type.Boolean()),
  },
  { ...strict, expected: 'a limit: write { per: "key", requests: 60, in: "1m" }' },
);
const budget = Type.Object(
  {
    per: oneOf(["key", "team", "organisation", "all"]),
    usd: Type.Number({ exclusiveMinimum: 0, maximum: 9_000_000, expected: "an amount of US dollars above 0" }),
    each: oneOf(["day", "week", "month", "total"]),
    soft: optional(Type.Boolean()),
    for: optional(whom),
  },
  { ...strict, expected: 'a budget: write { per: "key", usd: 30, each: "month" }' },
);
const usd = Type.Number({ minimum: 0, maximum: 100_000, expected: "US dollars per million tokens" });
const price = Type.Union(
  [
    Type.Literal("free"),
    Type.Literal("unknown-ok"),
    Type.Object(
      {
        input: usd,
        inputCached: optional(usd),
        inputCacheWritten: optional(usd),
        inputCacheWrittenLong: optional(usd),
        output: usd,
        reasoning: optional(usd),
        inputAudio: optional(usd),
        outputAudio: optional(usd),
        thousandSearches: optional(usd),
      },
      strict,
    ),
  ],
  { expected: 'a price: write { input: 1.25, output: 10 }, in US dollars per million tokens, or "free" or "unknown-ok"' },
);
const patterns = Type.Array(Type.String(), { expected: 'a list of patterns: write ["^ok "]' });
const lines = Type.Integer({ minimum: 0, expected: "a whole number of lines" });
const span = { from: patterns, to: optional(patterns), linesMax: optional(count) };
const filter = Type.Object(
  {
    id: text,
    summary: text,
    commands: optional(names),
    scripts: optional(names),
    signs: optional(patterns),
    runsOthers: optional(Type.Boolean()),
    keep: optional(patterns),
    keepSpans: optional(Type.Array(Type.Object(span, strict))),
    drop: optional(Type.Array(Type.Object({ what: text, lines: patterns, unlessMost: optional(Type.Boolean()) }, strict))),
    dropSpans: optional(Type.Array(Type.Object({ what: text, ...span }, strict))),
    once: optional(patterns),
    thin: optional(Type.Object({ what: text, lines: patterns, aboveLines: lines, beside: lines }, strict)),
    cap: optional(Type.Object({ lines: count, head: lines, tail: lines }, strict)),
    lineCharsMax: optional(count),
    samples: Type.Array(
      Type.Object({ claim: text, command: optional(text), output: Type.String(), survives: patterns, drops: optional(patterns) }, strict),
    ),
  },
  { ...strict, expected: "a filter: write defineFilter({ id, summary, drop, samples })" },
);
const kept = { bytesMax: optional(count), ttl: optional(duration), persist: optional(Type.Boolean()) };
const guardrail = Type.Object(
  {
    type: oneOf(["pii", "words", "prompt-injection", "max-tokens", "http"]),
    on: optional(oneOf(["input", "output", "both"])),
    action: optional(oneOf(["redact", "block", "note"])),
    detect: optional(Type.Array(oneOf(PII_KINDS))),
    words: optional(names),
    sensitivity: optional(oneOf(["low", "medium", "high"])),
    inputTokens: optional(count),
    outputTokens: optional(count),
    url: optional(text),
    secret: optional(secret),
    timeout: optional(duration),
    onFailure: optional(oneOf(["allow", "deny"])),
    for: optional(whom),
  },
  { ...strict, expected: 'a guardrail: write { type: "pii", action: "redact" }' },
);
const webhook = Type.Object(
  {
    url: Type.String({ pattern: "^https?://[^@/]+(/|$)", expected: "an address without credentials, such as https://example.com/hook" }),
    secret,
    events: optional(Type.Array(oneOf(WEBHOOK_EVENTS))),
  },
  { ...strict, expected: 'a webhook: write { url: "https://example.com/hook", secret: secret.env("NAME") }' },
);
const accounting = {
  policies: optional(
    Type.Object(
      {
        keys: optional(Type.Record(Type.String(), key)),
        requireKeys: optional(Type.Boolean()),
        limits: optional(Type.Record(Type.String(), limit)),
        budgets: optional(Type.Record(Type.String(), budget)),
        webhooks: optional(Type.Record(Type.String(), webhook)),
        guardrails: optional(Type.Record(Type.String(), guardrail)),
        rtk: optional(
          Type.Object(
            {
              enabled: optional(Type.Boolean()),
              marked: optional(Type.Union([Type.Literal("leave-all"), Type.Literal("leave-marked"), Type.Literal("compress")])),
              filters: optional(Type.Array(filter, { expected: "a list of filters: write [defineFilter({ … })]" })),
              except: optional(Type.Object({ keys: optional(names), models: optional(names), providers: optional(names) }, strict)),
            },
            strict,
          ),
        ),
        cache: optional(
          Type.Object(
            {
              enabled: optional(Type.Boolean()),
              per: optional(oneOf(["key", "team", "organisation", "all"])),
              models: optional(names),
              ...kept,
            },
            strict,
          ),
        ),
        promptCache: optional(Type.Object({ enabled: optional(Type.Boolean()), ttl: optional(oneOf(["5m", "1h"])) }, strict)),
        reasoning: optional(Type.Object({ enabled: optional(Type.Boolean()), ...kept }, strict)),
        idempotency: optional(Type.Object({ enabled: optional(Type.Boolean()), ...kept }, strict)),
        responses: optional(Type.Object({ keep: optional(oneOf(["where-needed", "always", "never"])), ...kept }, strict)),
      },
      strict,
    ),
  ),
  prices: optional(Type.Record(Type.String(), price)),
  ledger: optional(
    Type.Union(
      [
        Type.Literal(false),
        Type.Object({ folder: optional(text), onFailure: optional(oneOf(["deny", "allow"])), keepDays: optional(count) }, strict),
      ],
      { expected: 'a ledger: write { folder: "/var/lib/omni" }, {} or false' },
    ),
  ),
  localReader: optional(Type.Boolean()),
};
const port = Type.Integer({ minimum: 0, maximum: 65_535, expected: "a port from 0 to 65535" });
const general = {
  combos: optional(Type.Record(Type.String(), combo)),
  default: optional(text),
  aliases: optional(Type.Record(Type.String(), text)),
  server: optional(
    Type.Object(
      {
        port: optional(port),
        hostname: optional(text),
        drain: optional(duration),
        bodyBytesMax: optional(count),
        shed: optional(Type.Object({ lag: optional(duration), memoryBytes: optional(count) }, strict)),
        admin: optional(Type.Object({ token: optional(secret), port: optional(port), hostname: optional(text) }, strict)),
      },
      strict,
    ),
  ),
  telemetry: optional(
    Type.Object({ logs: optional(Type.Union([Type.Literal("json"), Type.Literal("pretty")])), metrics: optional(Type.Boolean()) }, strict),
  ),
  ...accounting,
};
const overlay = Type.Object({ providers: optional(Type.Record(Type.String(), Type.Object(providerOptions, strict))), ...general }, strict);
const configSchema = Type.Object(
  {
    $schema: optional(text),
    providers: Type.Record(Type.String(), provider, { expected: "providers by name" }),
    ...general,
    environments: optional(Type.Record(Type.String(), overlay)),
  },
  { ...strict, expected: "a configuration: write export default defineConfig({ … })" },
);

// The build breaks here when the schema says something else than the types that the rest of the program goes by.
true satisfies Static<typeof configSchema> extends ConfigFile ? true : never;

/** Says whether a value has the shape of a configuration. The schema is strict: a key that means nothing is a fault, never ignored. */
export function isConfigFile(value: unknown): value is ConfigFile {
  return Check(configSchema, value);
}

/** All that keeps a value from having the shape of a configuration. Empty exactly when `isConfigFile` holds. */
export function shapeFaults(value: unknown): Fault[] {
  return faultsBySchema(configSchema, value, []);
}

/** What is said of a key that is made while the gateway runs, as JSON Schema by field. */
export const KEY_FIELDS: Readonly<Record<string, object>> = keyFields;

const madeKey = Type.Object(keyFields, { ...strict, expected: "what a key may do" });

/** All that keeps a value from saying what a key that is made while the gateway runs may do. */
export function keyFieldFaults(value: unknown): Fault[] {
  return faultsBySchema(madeKey, value, []);
}
