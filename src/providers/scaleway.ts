import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models, in Europe. https://www.scaleway.com/en/docs/generative-apis/api-cli/using-chat-api/ */
export const scaleway: ProviderDefinition<"scaleway", OpenModels> = defineProvider({
  name: "scaleway",
  reference: "https://www.scaleway.com/en/docs/generative-apis/api-cli/using-chat-api/",
  baseUrl: "https://api.scaleway.ai/v1",
  keyEnv: "SCW_SECRET_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
