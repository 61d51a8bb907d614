import { defineConfig, provider, secret } from "omni";

// One key, and a way out when the better model is slow or down. A local model stands last: it costs nothing and needs no network.
export default defineConfig({
  providers: {
    openai: provider.openai({ apiKey: secret.env("OPENAI_API_KEY"), timeout: "120s" }),
    local: provider.openaiCompatible({
      baseUrl: "http://127.0.0.1:11434/v1",
      models: { chat: ["qwen3-coder"] },
    }),
  },
  combos: {
    smart: {
      strategy: "fallback",
      firstByteTimeout: "8s",
      chat: ["openai/gpt-5.1", "openai/gpt-5-mini", "local/qwen3-coder"],
    },
  },
  default: "combo:smart",
  // Programs that ask for a name of old keep working.
  aliases: { "gpt-4": "combo:smart" },
});
