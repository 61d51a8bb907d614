import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Vercel's models for web pages. https://v0.app/docs/api/model */
export const v0: ProviderDefinition<"v0", OpenModels> = defineProvider({
  name: "v0",
  reference: "https://v0.app/docs/api/model",
  baseUrl: "https://api.v0.dev/v1",
  keyEnv: "V0_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
