import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** MiMo. https://platform.xiaomimimo.com/ */
export const xiaomiMimo: ProviderDefinition<"xiaomi-mimo", OpenModels> = defineProvider({
  name: "xiaomi-mimo",
  reference: "https://platform.xiaomimimo.com/",
  baseUrl: "https://api.xiaomimimo.com/v1",
  keyEnv: "MIMO_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat({ reasoningBack: "reasoning_content" })],
  models: { chat: [] },
  openModels: true,
});
