import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type ProviderDefinition } from "./provider.ts";

const chat = ["codestral-latest"] as const;

/** Mistral's address for programmers, with a key of its own. https://docs.mistral.ai/capabilities/code_generation/ */
export const codestral: ProviderDefinition<"codestral", { readonly chat: typeof chat }> = defineProvider({
  name: "codestral",
  reference: "https://docs.mistral.ai/capabilities/code_generation/",
  baseUrl: "https://codestral.mistral.ai/v1",
  keyEnv: "CODESTRAL_API_KEY",
  auth: bearer,
  keyRequired: true,
  // As strict as mistral.ts tells.
  services: [
    compatibleChat({
      callIds: "mistral",
      streamOptions: false,
      omits: ["logprobs", "top_logprobs", "seed", "service_tier", "store", "user", "verbosity"],
    }),
  ],
  models: { chat },
});
