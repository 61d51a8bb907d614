import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Jamba. https://docs.ai21.com/reference/jamba-1-6-api-ref */
export const ai21: ProviderDefinition<"ai21", OpenModels> = defineProvider({
  name: "ai21",
  reference: "https://docs.ai21.com/reference/jamba-1-6-api-ref",
  baseUrl: "https://api.ai21.com/studio/v1",
  keyEnv: "AI21_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
