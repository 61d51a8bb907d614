import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** https://docs.reka.ai/ */
export const reka: ProviderDefinition<"reka", OpenModels> = defineProvider({
  name: "reka",
  reference: "https://docs.reka.ai/",
  baseUrl: "https://api.reka.ai/v1",
  keyEnv: "REKA_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
