import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models on chips of its own. https://docs.sambanova.ai/cloud/api-reference/endpoints/chat */
export const sambanova: ProviderDefinition<"sambanova", OpenModels> = defineProvider({
  name: "sambanova",
  reference: "https://docs.sambanova.ai/cloud/api-reference/endpoints/chat",
  baseUrl: "https://api.sambanova.ai/v1",
  keyEnv: "SAMBANOVA_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat({ reasoningBack: "when-asked" })],
  models: { chat: [] },
  openModels: true,
});
