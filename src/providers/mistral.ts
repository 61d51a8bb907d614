import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type ProviderDefinition } from "./provider.ts";

const chat = ["mistral-large-latest", "mistral-medium-latest", "mistral-small-latest", "ministral-8b-latest"] as const;

/** https://docs.mistral.ai/api/ */
export const mistral: ProviderDefinition<"mistral", { readonly chat: typeof chat }> = defineProvider({
  name: "mistral",
  reference: "https://docs.mistral.ai/api/",
  baseUrl: "https://api.mistral.ai/v1",
  keyEnv: "MISTRAL_API_KEY",
  auth: bearer,
  keyRequired: true,
  // Fields that it does not know are a 422, and ids of calls have nine letters and digits. Usage comes with the last chunk unasked.
  services: [
    compatibleChat({
      callIds: "mistral",
      streamOptions: false,
      omits: ["logprobs", "top_logprobs", "seed", "service_tier", "store", "user", "verbosity"],
    }),
  ],
  models: { chat },
});
