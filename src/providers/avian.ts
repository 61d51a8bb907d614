import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models. https://avian.io/docs */
export const avian: ProviderDefinition<"avian", OpenModels> = defineProvider({
  name: "avian",
  reference: "https://avian.io/docs",
  baseUrl: "https://api.avian.io/v1",
  keyEnv: "AVIAN_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: ["moonshotai/kimi-k2.5"] },
  openModels: true,
});
