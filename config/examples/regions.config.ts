import { defineConfig, provider, secret } from "omni";

// The same vendor twice: two regions, two keys, two names. Each has its own health, so that trouble in one does not spread to the other.
export default defineConfig({
  providers: {
    "openai-eu": provider.openai({
      baseUrl: "https://eu.api.openai.com/v1",
      apiKey: secret.file("/run/secrets/openai_eu"),
    }),
    "openai-us": provider.openai({
      apiKey: secret.exec(["op", "read", "op://ai/openai-us/key"]),
      headers: { "openai-organization": "acme" },
    }),
  },
  combos: {
    // Stays in Europe, whatever happens.
    private: { chat: ["openai-eu/gpt-5.1", "openai-eu/gpt-5-mini"] },
    // Both regions share the work, and stand in for each other.
    anywhere: { strategy: "weighted", timeout: "5m", chat: ["openai-eu/gpt-5.1", "openai-us/gpt-5.1"] },
    // A combo may lead to others: Europe first.
    careful: { chat: ["combo:private", "combo:anywhere"] },
  },
  default: "combo:careful",
});
