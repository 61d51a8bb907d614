import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models. https://deepinfra.com/docs/openai_api */
export const deepinfra: ProviderDefinition<"deepinfra", OpenModels> = defineProvider({
  name: "deepinfra",
  reference: "https://deepinfra.com/docs/openai_api",
  baseUrl: "https://api.deepinfra.com/v1/openai",
  keyEnv: "DEEPINFRA_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat({ reasoningBack: "when-asked" })],
  models: { chat: [] },
  openModels: true,
});
