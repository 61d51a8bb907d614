import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models. https://docs.tokenfactory.nebius.com/ */
export const nebius: ProviderDefinition<"nebius", OpenModels> = defineProvider({
  name: "nebius",
  reference: "https://docs.tokenfactory.nebius.com/",
  baseUrl: "https://api.tokenfactory.nebius.com/v1",
  keyEnv: "NEBIUS_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat({ topK: true })],
  models: { chat: [] },
  openModels: true,
});
