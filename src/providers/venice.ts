import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models; says that it keeps nothing. https://docs.venice.ai/api-reference/endpoint/chat/completions */
export const venice: ProviderDefinition<"venice", OpenModels> = defineProvider({
  name: "venice",
  reference: "https://docs.venice.ai/api-reference/endpoint/chat/completions",
  baseUrl: "https://api.venice.ai/api/v1",
  keyEnv: "VENICE_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
