import { defineConfig, provider, secret } from "omni";

// One of each way to choose. Combos nest, so any of them can stand in the list of another: tiers of a fallback, each with a choice of its own.
export default defineConfig({
  providers: {
    openai: provider.openai({
      // Two keys: three of four requests go by the first; one that is used up or refused rests, and the other goes on.
      accounts: {
        main: { apiKey: secret.env("OPENAI_API_KEY"), weight: 3 },
        spare: { apiKey: secret.env("OPENAI_API_KEY_SPARE"), weight: 1 },
      },
    }),
    local: provider.openaiCompatible({
      baseUrl: "http://127.0.0.1:11434/v1",
      models: { chat: ["qwen3-coder", "llama-3.3-70b"] },
      // Four at a time; as many more wait, for two seconds at most.
      concurrency: 4,
      // Who can not serve a request is not asked.
      facts: { "qwen3-coder": { images: false, contextTokens: 32_000 }, "llama-3.3-70b": { images: false, tools: false } },
    }),
  },
  // What the machine in the corner costs is nothing, and somebody has to say so.
  prices: { "local/*": "free" },
  combos: {
    // Short questions without pictures stay in the house, by day; all else goes out.
    house: {
      strategy: "conditional",
      chat: [{ to: "combo:machines", when: { inputTokensMax: 8_000, images: false, hoursUtc: "06:00-22:00" } }, "combo:vendor"],
    },
    // The machine that is less busy.
    machines: { strategy: "least-busy", chat: ["local/qwen3-coder", "local/llama-3.3-70b"] },
    // The better of two drawn by chance, by latency, load and what is left of the rate limit.
    vendor: { strategy: "p2c", chat: ["openai/gpt-5.1", "openai/gpt-5-mini"] },
    // The cheapest that can do it, by the length of the request and the prices.
    thrifty: { strategy: "lowest-cost", chat: ["openai/gpt-5-nano", "openai/gpt-5-mini", "local/qwen3-coder"] },
    // A conversation stays where its beginning is in the provider's cache.
    talk: { strategy: "sticky", chat: ["openai/gpt-5.1", "openai/gpt-5"] },
  },
  // `auto` and `cost-optimized` are there without being declared: all models, by score or by price.
  default: "combo:house",
});
