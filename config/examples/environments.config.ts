import { defineConfig, provider, secret } from "omni";

// What differs from place to place, and nothing else: `omni serve --env development`, or OMNI_ENV=development.
// Objects are merged into the configuration above them, lists replace.
export default defineConfig({
  providers: {
    openai: provider.openai({ apiKey: secret.env("OPENAI_API_KEY") }),
    simulator: provider.simulator(),
  },
  combos: {
    smart: { strategy: "fallback", chat: ["openai/gpt-5.1", "openai/gpt-5-mini"] },
  },
  default: "combo:smart",
  server: { drain: "60s" },
  telemetry: { logs: "json" },
  environments: {
    // Costs nothing, and shows what happens when the first target fails.
    development: {
      combos: { smart: { chat: ["simulator/fail-503", "simulator/writer"] } },
      telemetry: { logs: "pretty" },
    },
    staging: { combos: { smart: { chat: ["openai/gpt-5-mini"] } } },
    production: {
      providers: { openai: { apiKey: secret.file("/run/secrets/openai") } },
      combos: { smart: { timeout: "2m", firstByteTimeout: "10s" } },
      server: { admin: { token: secret.file("/run/secrets/omni_admin") } },
    },
  },
});
