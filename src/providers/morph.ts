import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Models that edit code. https://docs.morphllm.com/ */
export const morph: ProviderDefinition<"morph", OpenModels> = defineProvider({
  name: "morph",
  reference: "https://docs.morphllm.com/",
  baseUrl: "https://api.morphllm.com/v1",
  keyEnv: "MORPH_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
