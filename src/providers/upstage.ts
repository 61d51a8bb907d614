import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Solar. https://console.upstage.ai/docs/capabilities/generate/chat */
export const upstage: ProviderDefinition<"upstage", OpenModels> = defineProvider({
  name: "upstage",
  reference: "https://console.upstage.ai/docs/capabilities/generate/chat",
  baseUrl: "https://api.upstage.ai/v1",
  keyEnv: "UPSTAGE_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
