import { defineConfig, provider, secret } from "omni";

// A new model gets one request of ten. Where it fails, the other one answers, so that nobody notices a bad start.
export default defineConfig({
  providers: {
    openai: provider.openai({ apiKey: secret.env("OPENAI_API_KEY") }),
  },
  combos: {
    trial: {
      strategy: "weighted",
      chat: [
        { to: "openai/gpt-5.1", weight: 9 },
        { to: "openai/gpt-5.6", weight: 1 },
      ],
    },
  },
  default: "combo:trial",
});
