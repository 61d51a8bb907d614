// What the types of a configuration refuse. Not run: `bun check` fails here when a line that should be refused is not, and declarations.test.ts sees to it.
import { defineCombos, defineConfig, defineProviders, provider, secret } from "omni";

const providers = defineProviders({
  openai: provider.openai({ apiKey: secret.env("OPENAI_API_KEY"), models: { chat: ["ft:gpt-5-mini:acme:support"] } }),
  local: provider.openaiCompatible({ baseUrl: "http://127.0.0.1:11434/v1", models: { chat: ["qwen3-coder"] } }),
  plain: provider.openai(),
  simulator: provider.simulator({ settings: { pace: "10ms", tokens: 5 } }),
});

const open = defineProviders({ router: provider.openrouter(), lake: provider.databricks({ settings: { workspace: "dbc-1.cloud" } }) });
// @ts-expect-error: its address lacks the workspace.
provider.databricks();
defineCombos(open, {
  // Whose list is open may be asked for any model.
  a: { chat: ["router/somebody/something", "lake/mine"] },
  // @ts-expect-error: but there has to be such a provider.
  b: { chat: ["ruter/somebody/something"] },
});

const combos = defineCombos(providers, {
  smart: { chat: ["openai/gpt-5.1", "openai/ft:gpt-5-mini:acme:support", "local/qwen3-coder", "simulator/writer", "plain/o3"] },
  mixed: { strategy: "weighted", timeout: "2.5m", attempts: 3, chat: [{ to: "combo:smart", weight: 0.5 }, "combo:mixed"] },
  // @ts-expect-error: the fine-tuned model was added to `openai`, not to `plain`.
  a: { chat: ["plain/ft:gpt-5-mini:acme:support"] },
  // @ts-expect-error: a provider with its own list has no others' models.
  b: { chat: ["local/gpt-5.1"] },
  // @ts-expect-error: no such provider.
  c: { chat: ["opnai/gpt-5.1"] },
  // @ts-expect-error: no such combo.
  d: { chat: ["combo:smrt"] },
  // @ts-expect-error: a combo is named with its prefix, so that a target is never mistaken for one.
  e: { chat: ["smart"] },
  f: { chat: ["openai/gpt-5.1"], embedding: ["openai/text-embedding-3-large"] },
  // @ts-expect-error: a list holds targets of one kind of work.
  f2: { embedding: ["openai/gpt-5.1"] },
  // @ts-expect-error: a condition is made of what there is to ask.
  g: { chat: [{ to: "openai/gpt-5.1", when: { image: false } }] },
  g2: { strategy: "conditional", chat: [{ to: "openai/gpt-5.1", when: { images: false, hoursUtc: "22:00-06:00" } }, "plain/o3"] },
  // @ts-expect-error: whose failures are tried again can not be chosen yet.
  h: { chat: ["openai/gpt-5.1"], retryOn: [429] },
  // @ts-expect-error: no such strategy.
  i: { strategy: "cheapest", chat: ["openai/gpt-5.1"] },
  // @ts-expect-error: a duration has a unit.
  j: { timeout: "30", chat: ["openai/gpt-5.1"] },
  // @ts-expect-error: and one of those that there are.
  k: { firstByteTimeout: "1 minute", chat: ["openai/gpt-5.1"] },
});

defineConfig({ providers, combos, default: "combo:smart", aliases: { "gpt-4": "openai/gpt-5.1", s: "combo:smart" } });
// Nothing but providers is needed.
defineConfig({ providers });

// @ts-expect-error: the default has to be declared.
defineConfig({ providers, combos, default: "combo:smrt" });
// @ts-expect-error: so has what an alias stands for.
defineConfig({ providers, aliases: { old: "openai/gpt-6" } });
defineConfig({
  providers,
  policies: {
    keys: { alice: { secret: secret.env("ALICE_KEY"), team: "search", hours: [{ days: ["mon"], utc: "08:00-18:00" }] } },
    limits: { slow: { per: "key", requests: 60, tokens: 100_000, in: "1m", concurrent: 4, for: { teams: ["search"] } } },
    budgets: { month: { per: "team", usd: 30, each: "month" } },
  },
  prices: { "local/*": "free", "plain/o3": { input: 2, output: 8 } },
  ledger: { folder: "/var/lib/omni", onFailure: "allow" },
  server: { hostname: "0.0.0.0" },
});
defineConfig({
  providers,
  policies: {
    guardrails: {
      pii: { type: "pii", detect: ["email", "card"], on: "both" },
      words: { type: "words", words: ["project blue"], action: "redact" },
      turn: { type: "prompt-injection", sensitivity: "high" },
      size: { type: "max-tokens", inputTokens: 8000 },
      far: { type: "http", url: "https://guard.example.com", secret: secret.env("GUARD"), onFailure: "deny" },
    },
  },
});
defineConfig({
  providers,
  policies: { webhooks: { ops: { url: "https://ops.example.com", secret: secret.env("H"), events: ["budget.spent"] } } },
});
// @ts-expect-error: nobody could tell who has sent it.
defineConfig({ providers, policies: { webhooks: { ops: { url: "https://ops.example.com" } } } });
// @ts-expect-error: what happens when it can not be asked has to be said.
defineConfig({ providers, policies: { guardrails: { far: { type: "http", url: "https://guard.example.com" } } } });
// @ts-expect-error: there is no such kind of personal data.
defineConfig({ providers, policies: { guardrails: { pii: { type: "pii", detect: ["shoe-size"] } } } });
// @ts-expect-error: nothing is left out of an attempt to turn the model.
defineConfig({ providers, policies: { guardrails: { turn: { type: "prompt-injection", action: "redact" } } } });
defineConfig({ providers, ledger: false });
// @ts-expect-error: a ledger is kept as it is said, or not at all.
defineConfig({ providers, ledger: true });
// @ts-expect-error: a key is a secret.
defineConfig({ providers, policies: { keys: { alice: { secret: "letmein" } } } });
// @ts-expect-error: what a limit is per is one of these.
defineConfig({ providers, policies: { limits: { slow: { per: "user", requests: 60, in: "1m" } } } });
// @ts-expect-error: a time has a unit.
defineConfig({ providers, policies: { limits: { slow: { per: "key", requests: 60, in: 60 } } } });
// @ts-expect-error: a budget is for a time, or says that it is for all of it.
defineConfig({ providers, policies: { budgets: { all: { per: "all", usd: 30 } } } });
defineConfig({ providers, policies: { idempotency: { enabled: true, ttl: "1h", bytesMax: 1_000_000, persist: true } } });
defineConfig({ providers, policies: { cache: { per: "team", models: ["openai/*"], ttl: "10m" } } });
defineConfig({ providers, policies: { promptCache: { ttl: "1h" } } });
// @ts-expect-error: providers keep prompts for one of two times.
defineConfig({ providers, policies: { promptCache: { ttl: "2h" } } });
defineConfig({ providers, policies: { reasoning: { enabled: false, persist: true } } });
// @ts-expect-error: who shares is one of these.
defineConfig({ providers, policies: { cache: { per: "model" } } });
// @ts-expect-error: a time has a unit.
defineConfig({ providers, policies: { idempotency: { ttl: 3600 } } });
defineConfig({ providers, policies: { responses: { keep: "always", ttl: "720h", persist: true } } });
defineConfig({ providers, combos: { whole: { chat: ["plain/o3"], onLoss: "skip-target" } } });
// @ts-expect-error: no such word for what is done.
defineConfig({ providers, combos: { whole: { chat: ["plain/o3"], onLoss: "ignore" } } });
// @ts-expect-error: no such word for what is kept.
defineConfig({ providers, policies: { responses: { keep: "sometimes" } } });
// @ts-expect-error: no such word for a price.
defineConfig({ providers, prices: { "plain/o3": "cheap" } });
// @ts-expect-error: a port is a number.
defineConfig({ providers, server: { port: "20128" } });
// @ts-expect-error: a token is a secret.
defineConfig({ providers, server: { admin: { token: "letmein" } } });
// @ts-expect-error: logs look in one of two ways.
defineConfig({ providers, telemetry: { logs: "xml" } });
// @ts-expect-error: an environment changes what is there.
defineConfig({ providers, environments: { prod: { providers: { opnai: { timeout: "5s" } } } } });
// @ts-expect-error: its names are checked as well.
defineConfig({ providers, combos, environments: { prod: { combos: { smart: { chat: ["opnai/gpt-5.1"] } } } } });
// @ts-expect-error: so are its combos.
defineConfig({ providers, combos, environments: { prod: { combos: { smrt: { timeout: "5s" } } } } });
defineConfig({ providers, combos, environments: { prod: { combos: { smart: { timeout: "5s" } }, default: "local/qwen3-coder" } } });

// @ts-expect-error: a key is never written out.
provider.openai({ apiKey: "sk-live-abcdef" });
// @ts-expect-error: what the environment holds is named, not read.
provider.openai({ apiKey: process.env["OPENAI_API_KEY"] });
// @ts-expect-error: an address begins with http.
provider.openai({ baseUrl: "api.openai.com" });
// @ts-expect-error: retries are the combos' business.
provider.openai({ retries: 3 });
provider.openai({ models: { embedding: ["text-embedding-4"] } });
// @ts-expect-error: no such kind of work.
provider.openai({ models: { embeddings: ["text-embedding-3-large"] } });
// @ts-expect-error: OpenAI has nothing to set.
provider.openai({ settings: {} });
// @ts-expect-error: a generic provider has to be told its models.
provider.openaiCompatible({ baseUrl: "http://127.0.0.1:1/v1" });
// @ts-expect-error: and where it lives.
provider.openaiCompatible({ models: { chat: ["a"] } });
provider.azureOpenai({ settings: { resource: "acme" }, models: { chat: ["my-gpt"] } });
provider.azureOpenai({ baseUrl: "https://acme.services.ai.azure.com/openai/v1", models: { chat: ["my-gpt"] } });
// @ts-expect-error: Azure has to be told which resource, or the whole address.
provider.azureOpenai({ models: { chat: ["my-gpt"] } });
provider.bedrock({ settings: { region: "us-east-1" }, models: { chat: ["amazon.nova-lite-v1:0"] } });
// @ts-expect-error: AWS has to be told its region.
provider.bedrock({ models: { chat: ["amazon.nova-lite-v1:0"] } });
// @ts-expect-error: no such kind.
provider.opnai();
// @ts-expect-error: no such setting.
provider.simulator({ settings: { speed: 3 } });
// @ts-expect-error: a pace has a unit.
provider.simulator({ settings: { pace: "20" } });
// @ts-expect-error: a command is a list, since no shell takes it apart.
secret.exec("op read op://ai/key");

defineConfig({
  providers: { tavily: provider.tavily(), firecrawl: provider.firecrawl(), sim: provider.simulator() },
  combos: {
    // What reads pages itself is there without being declared.
    read: { webFetch: ["local/reader", "firecrawl/scrape", "tavily/extract"] },
    find: { webSearch: ["tavily/search", "firecrawl/search", "sim/search"] },
    // @ts-expect-error: it reads and does not search.
    a: { webSearch: ["local/reader"] },
    // @ts-expect-error: Tavily extracts.
    b: { webFetch: ["tavily/scrape"] },
  },
});
defineConfig({
  providers,
  combos: {
    // @ts-expect-error: here `local` is somebody else.
    read: { webFetch: ["local/reader"] },
  },
});
provider.local({ settings: { ports: [80, 8080], privateHosts: ["wiki.example.internal"] } });
// @ts-expect-error: no such setting.
provider.local({ settings: { hosts: [] } });
