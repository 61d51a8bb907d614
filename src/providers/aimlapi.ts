import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Models of many vendors. https://docs.aimlapi.com/ */
export const aimlapi: ProviderDefinition<"aimlapi", OpenModels> = defineProvider({
  name: "aimlapi",
  reference: "https://docs.aimlapi.com/",
  baseUrl: "https://api.aimlapi.com/v1",
  keyEnv: "AIMLAPI_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
