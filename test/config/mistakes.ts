/** A mistake that an operator can make, as it would be written. The mark `‸` stands before the place that must be pointed at. */
export interface Mistake {
  readonly claim: string;
  /** Providers in addition to `c`, an OpenAI with the model "mine", and `l`, an OpenAI-compatible with the model "qwen". */
  readonly providers?: string;
  /** What follows `providers: { … },`. */
  readonly rest?: string;
  /** What the types say. Absent where they can not know. */
  readonly types?: string;
  /** What the check at run time says. */
  readonly runTime: string;
  /** What `omni check` advises. */
  readonly fix: string;
}

/** The configuration that a mistake is part of. */
export function sourceOf({ providers = "", rest = "" }: Mistake): string {
  return `import { defineConfig, provider, secret } from "omni";

export default defineConfig({
  providers: {
    c: provider.openai({ models: { chat: ["mine"] } }),
    l: provider.openaiCompatible({ baseUrl: "http://127.0.0.1:8000/v1", models: { chat: ["qwen"] } }),
    ${providers}
  },
  ${rest}
});
`;
}

const NOT_HERE = "names nothing that is declared here for this list";

export const MISTAKES: readonly Mistake[] = [
  {
    claim: "a provider that is not declared",
    rest: 'combos: { s: { chat: ["c/mine", ‸"d/mine"] } },',
    types: `"d/mine" ${NOT_HERE}`,
    runTime: '"d/mine" names no provider declared here',
    fix: 'did you mean "c/mine"?',
  },
  {
    claim: "a model that its provider does not have",
    rest: 'combos: { s: { chat: [‸"c/mime"] } },',
    types: `"c/mime" ${NOT_HERE}`,
    runTime: '"c/mime" names no chat model that c is known to have',
    fix: 'did you mean "c/mine"? If not, add it to that provider: models: { chat: ["mime"] }',
  },
  {
    claim: "a model of another provider",
    rest: 'combos: { s: { chat: [‸"l/gpt-5.1"] } },',
    types: `"l/gpt-5.1" ${NOT_HERE}`,
    runTime: '"l/gpt-5.1" names no chat model that l is known to have',
    fix: 'add it to that provider: models: { chat: ["gpt-5.1"] }',
  },
  {
    claim: "a target in an object",
    rest: 'combos: { s: { strategy: "weighted", chat: [{ ‸to: "c/mime", weight: 2 }] } },',
    types: `"c/mime" ${NOT_HERE}`,
    runTime: '"c/mime" names no chat model that c is known to have',
    fix: 'did you mean "c/mine"? If not, add it to that provider: models: { chat: ["mime"] }',
  },
  {
    claim: "a combo that is not declared",
    rest: 'combos: { smart: { chat: ["c/mine"] }, s: { chat: [‸"combo:smrt"] } },',
    types: `"combo:smrt" ${NOT_HERE}`,
    runTime: '"combo:smrt" names no combo declared here',
    fix: 'did you mean "combo:smart"?',
  },
  {
    claim: "a target without its provider",
    rest: 'combos: { s: { chat: [‸"mine"] } },',
    types: '"mine" is no target',
    runTime: '"mine" is no target',
    fix: 'did you mean "c/mine"?',
  },
  {
    claim: "a default that is not declared",
    rest: 'combos: { smart: { chat: ["c/mine"] } }, ‸default: "combo:smrt",',
    types: `"combo:smrt" ${NOT_HERE}`,
    runTime: '"combo:smrt" names no combo declared here',
    fix: 'did you mean "combo:smart"?',
  },
  {
    claim: "an alias for nothing",
    rest: 'aliases: { ‸old: "c/mime" },',
    types: `"c/mime" ${NOT_HERE}`,
    runTime: '"c/mime" names no chat model that c is known to have',
    fix: 'did you mean "c/mine"? If not, add it to that provider: models: { chat: ["mime"] }',
  },
  {
    claim: "an inlined key",
    providers: 'x: provider.openai({ ‸apiKey: "sk-live-abcdef123456" }),',
    types: "a secret is written in the configuration",
    runTime: 'a secret is written in the configuration: "sk-…"',
    fix: 'use secret.env("NAME"), secret.file("/path") or secret.exec(["command"])',
  },
  {
    claim: "an inlined key that looks like none",
    providers: 'x: provider.openai({ ‸apiKey: "hunter2" }),',
    types: "a secret is written in the configuration",
    runTime: 'a secret is written in the configuration: "…"',
    fix: 'use secret.env("NAME"), secret.file("/path") or secret.exec(["command"])',
  },
  {
    claim: "an inlined admin token",
    rest: 'server: { admin: { ‸token: "letmein" } },',
    types: "a secret is written in the configuration",
    runTime: 'a secret is written in the configuration: "…"',
    fix: 'use secret.env("NAME"), secret.file("/path") or secret.exec(["command"])',
  },
  {
    claim: "a key in a header",
    providers: 'x: provider.openai({ headers: { ‸authorization: "Bearer abcdefghijk" } }),',
    runTime: 'a secret is written in the configuration: "Bearer …"',
    fix: 'use secret.env("NAME"), secret.file("/path") or secret.exec(["command"])',
  },
  {
    claim: "a key where the name of a variable belongs",
    providers: 'x: provider.openai({ ‸apiKey: secret.env("sk-live-abcdef123456") }),',
    runTime: 'a secret is written in the configuration: "sk-…"',
    fix: 'secret.env takes the name of an environment variable, such as secret.env("OPENAI_API_KEY")',
  },
  {
    claim: "a unit that there is not",
    providers: 'x: provider.openai({ ‸timeout: "30 seconds" }),',
    types: '"30 seconds" is not a duration',
    runTime: '"30 seconds" is not a duration',
    fix: 'write "500ms", "30s", "5m" or "2h"',
  },
  {
    claim: "a number without its unit",
    rest: "server: { ‸drain: 30 },",
    types: "what stands here (number) is not a duration",
    runTime: "30 is not a duration",
    fix: 'write "500ms", "30s", "5m" or "2h"',
  },
  {
    claim: "a negative duration",
    rest: 'combos: { s: { ‸timeout: "-5s", chat: ["c/mine"] } },',
    runTime: '"-5s" is not a duration',
    fix: 'write "500ms", "30s", "5m" or "2h"',
  },
  {
    claim: "a strategy that there is not",
    rest: 'combos: { s: { ‸strategy: "round-robbin", chat: ["c/mine"] } },',
    types:
      '"round-robbin" is not "auto" or "conditional" or "fallback" or "headroom" or "least-busy" or "lowest-cost" or "lowest-latency" or "p2c" or "random" or "round-robin" or "sticky" or "weighted"',
    runTime: '"round-robbin" is not a strategy',
    fix: 'did you mean "round-robin"?',
  },
  {
    claim: "a text for a number",
    rest: 'combos: { s: { ‸attempts: "3", chat: ["c/mine"] } },',
    types: "what stands here (string) is not a number",
    runTime: '"3" is not a whole number from 1',
    fix: "write a whole number from 1",
  },
  {
    claim: "a weight of nothing",
    rest: 'combos: { s: { strategy: "weighted", chat: [{ to: "c/mine", ‸weight: 0 }] } },',
    runTime: "0 is not a weight above 0",
    fix: "write a weight above 0",
  },
  {
    claim: "a section that does not exist yet",
    rest: "‸guardrails: {},",
    types: 'nothing here is called "guardrails"',
    runTime: 'the configuration knows no "guardrails"',
    fix: "what there is: $schema, providers, combos, default, aliases, server, telemetry, policies, prices, ledger, localReader, environments",
  },
  {
    claim: "an option that does not exist yet",
    rest: 'combos: { s: { ‸retryOn: [429], chat: ["c/mine"] } },',
    types: 'nothing here is called "retryOn"',
    runTime: 'combo "s" knows no "retryOn"',
    fix: "what there is: strategy, timeout, firstByteTimeout, hedge, resume, shadow, attempts, onLoss, chat, embedding, image, speech, transcription, moderation, rerank, webSearch, webFetch",
  },
  {
    claim: "a kind of work that does not exist yet",
    rest: 'combos: { s: { ‸video: ["c/mine"] } },',
    types: 'nothing here is called "video"',
    runTime: 'combo "s" knows no "video"',
    fix: "what there is: strategy, timeout, firstByteTimeout, hedge, resume, shadow, attempts, onLoss, chat, embedding, image, speech, transcription, moderation, rerank, webSearch, webFetch",
  },
  {
    claim: "a condition on what can not be asked",
    rest: 'combos: { s: { chat: [{ to: "c/mine", when: { ‸image: false } }] } },',
    types: 'nothing here is called "image"',
    runTime: 'combos.s.chat.0.when knows no "image"',
    fix: 'did you mean "images"?',
  },
  {
    claim: "a condition that no request can meet",
    rest: 'combos: { s: { chat: ["c/mine", { to: "l/qwen", when: { ‸inputTokensMin: 9, inputTokensMax: 8 } }] } },',
    runTime: "no request has at least 9 and at most 8 tokens",
    fix: "change one of the two",
  },
  {
    claim: "a conditional list without a condition",
    rest: 'combos: { s: { strategy: "conditional", ‸chat: ["c/mine", "l/qwen"] } },',
    runTime: "a conditional list has no condition",
    fix: 'add one: { to: "…", when: { images: true } }, or leave the strategy out',
  },
  {
    claim: "a span of the day that is none",
    rest: 'combos: { s: { chat: ["c/mine", { to: "l/qwen", when: { ‸hoursUtc: "9:00-25:00" } }] } },',
    runTime: '"9:00-25:00" is not a span of the day',
    fix: 'write "22:00-06:00"',
  },
  {
    claim: "an account without a key",
    providers: "m: provider.openai({ accounts: { ‸main: {} } }),",
    types: '"apiKey" is missing here',
    runTime: 'providers.m.accounts.main has no "apiKey"',
    fix: 'add apiKey: a secret reference: write secret.env("NAME"), secret.file("/path") or secret.exec(["command"])',
  },
  {
    claim: "accounts beside a key",
    providers: 'm: provider.openai({ apiKey: secret.env("A"), ‸accounts: { main: { apiKey: secret.env("B") } } }),',
    runTime: 'provider "m" has an apiKey and accounts',
    fix: "make an account of the apiKey, or take it out",
  },
  {
    claim: "facts of a model that there is not",
    providers: 'm: provider.openai({ models: { chat: ["mine"] }, facts: { ‸mime: { images: false } } }),',
    runTime: 'provider "m" has no model "mime"',
    fix: 'did you mean "mine"?',
  },
  {
    claim: "a mistyped option",
    rest: "server: { ‸prot: 8080 },",
    types: 'nothing here is called "prot"',
    runTime: 'server knows no "prot"',
    fix: 'did you mean "port"?',
  },
  {
    claim: "a setting that a kind does not have",
    providers: "x: provider.simulator({ settings: { ‸pase: 1 } }),",
    types: 'nothing here is called "pase"',
    runTime: 'providers.x.settings knows no "pase"',
    fix: 'did you mean "pace"?',
  },
  {
    claim: "a setting with the wrong unit",
    providers: 'x: provider.simulator({ settings: { ‸pace: "2h" } }),',
    types: '"2h" is not a duration',
    runTime: '"2h" is not a text of the form ^\\d+(\\.\\d+)?(ms|s)$',
    fix: "write a text of the form ^\\d+(\\.\\d+)?(ms|s)$",
  },
  {
    claim: "an address that is none",
    providers: 'x: provider.openai({ ‸baseUrl: "api.example.com" }),',
    types: '"api.example.com" is no http address',
    runTime: "the baseUrl is no http address",
    fix: "write it whole, such as https://api.example.com/v1",
  },
  {
    claim: "an address with a password in it",
    providers: 'x: provider.openai({ ‸baseUrl: "https://me:hunter2@example.com" }),',
    runTime: "the baseUrl has credentials in it",
    fix: 'take them out and use apiKey: secret.env("NAME")',
  },
  {
    claim: "an address that others can reach",
    rest: 'server: { ‸hostname: "0.0.0.0" },',
    runTime: '"0.0.0.0" can be reached from other machines, and whoever reaches it needs no key',
    fix: 'declare keys: policies: { keys: { alice: { secret: secret.env("ALICE_KEY") } } }, or listen on "127.0.0.1"',
  },
  {
    claim: "a key that stands in the configuration",
    rest: 'policies: { keys: { alice: { ‸secret: "hunter2hunter2" } } },',
    types: "a secret is written in the configuration",
    runTime: 'a secret is written in the configuration: "…"',
    fix: 'use secret.env("NAME"), secret.file("/path") or secret.exec(["command"])',
  },
  {
    claim: "a key with no secret",
    rest: "policies: { keys: { ‸alice: { team: 'search' } } },",
    runTime: 'key "alice" has no secret',
    fix: 'give it one: secret: secret.env("NAME"), or sha256: "…"',
  },
  {
    claim: "a key for what can not be asked for",
    rest: "combos: { smart: { chat: ['c/mine'] } }, policies: { keys: { alice: { secret: secret.env('A'), models: [‸'smrt'] } } },",
    runTime: '"smrt" is nothing that can be asked for',
    fix: 'did you mean "smart"?',
  },
  {
    claim: "a key from an address that is none",
    rest: "policies: { keys: { alice: { secret: secret.env('A'), ‸addresses: ['10.0.0.0/40'] } } },",
    runTime: 'Cannot read "10.0.0.0/40": it is neither an address nor a range of addresses. Write "10.0.0.0/8".',
    fix: 'write addresses as "10.0.0.0/8" and hours as "08:00-18:00"',
  },
  {
    claim: "a limit that does not say in how long",
    rest: "policies: { limits: { ‸slow: { per: 'key', requests: 60 } } },",
    runTime: 'limit "slow" does not say in how long',
    fix: 'add in: "1m"',
  },
  {
    claim: "a filter whose sample does not hold",
    rest: "policies: { rtk: { filters: [{ id: 'acme', summary: 'Acme.', commands: ['acme'], drop: [{ what: 'steps', lines: ['^ok '] }], samples: [‸{ claim: 'steps go', command: 'acme', output: 'ok 1\\nE 2', survives: ['ok 1'] }] }] } },",
    runTime: 'filter "acme": Sample "steps go": this line does not survive: ok 1',
    fix: 'see what it does with: omni rtk --explain --command "…" output.txt',
  },
  {
    claim: "a filter whose pattern may take for ever",
    rest: "policies: { rtk: { filters: [‸{ id: 'acme', summary: 'Acme.', keep: ['(a+)+$'], samples: [{ claim: 'c', output: 'a', survives: [] }] }] } },",
    runTime: 'filter "acme": Cannot take the pattern "(a+)+$": a group is written (?:…), without look-around.',
    fix: 'see what it does with: omni rtk --explain --command "…" output.txt',
  },
  {
    claim: "compression that leaves nobody's provider alone",
    rest: "policies: { rtk: { except: { providers: [‸'cc'] } } },",
    runTime: '"cc" names no provider declared here',
    fix: 'did you mean "c"?',
  },
  {
    claim: "a limit of nothing",
    rest: "policies: { limits: { ‸slow: { per: 'key' } } },",
    runTime: 'limit "slow" limits nothing',
    fix: 'say how much: requests: 60, in: "1m", or tokens, or concurrent: 4',
  },
  {
    claim: "a hard budget over a target that nobody knows the price of",
    rest: "combos: { smart: { chat: [‸'c/mine'] } }, policies: { budgets: { all: { per: 'all', usd: 30, each: 'month' } } },",
    runTime: 'nobody knows what "c/mine" costs, and the budget "all" has to hold',
    fix: 'say it: prices: { "c/mine": { input: 1, output: 4 } }, or "free", or "unknown-ok"',
  },
  {
    claim: "a price of nothing",
    rest: "prices: { ‸'c/mime': 'free' },",
    runTime: '"c/mime" is no target, so it has no price',
    fix: 'did you mean "c/mine"?',
  },
  {
    claim: "an environment of a provider that there is not",
    rest: "environments: { prod: { providers: { ‸cc: { timeout: '5s' } } } },",
    types: 'nothing here is called "cc"',
    runTime: 'environment "prod" changes provider "cc", which is not declared',
    fix: 'did you mean "c"?',
  },
  {
    claim: "an environment with a target that there is not",
    rest: 'combos: { s: { chat: ["c/mine"] } }, environments: { prod: { combos: { s: { chat: [‸"c/mime"] } } } },',
    types: `"c/mime" ${NOT_HERE}`,
    runTime: '"c/mime" names no chat model that c is known to have',
    fix: 'did you mean "c/mine"? If not, add it to that provider: models: { chat: ["mime"] }',
  },
  {
    claim: "combos in a circle",
    rest: 'combos: { a: { chat: ["combo:b"] }, b: { chat: ["c/mine", ‸"combo:a"] } },',
    runTime: "combos lead in a circle: a → b → a",
    fix: "take one of these references out",
  },
  {
    claim: "an empty list",
    rest: "combos: { s: { ‸chat: [] } },",
    runTime: "the chat list is empty",
    fix: "add a target, or take the list out",
  },
  {
    claim: "a target that stands there twice",
    rest: 'combos: { s: { chat: ["c/mine", "l/qwen", ‸"c/mine"] } },',
    runTime: '"c/mine" stands in this list already, so it is never reached here',
    fix: "take it out",
  },
];
