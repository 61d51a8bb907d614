import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** LM Studio on this machine. https://lmstudio.ai/docs/developer/openai-compat */
export const lmStudio: ProviderDefinition<"lm-studio", OpenModels> = defineProvider({
  name: "lm-studio",
  reference: "https://lmstudio.ai/docs/developer/openai-compat",
  baseUrl: "http://127.0.0.1:1234/v1",
  auth: bearer,
  keyRequired: false,
  services: [compatibleChat({ topK: true })],
  models: { chat: [] },
  openModels: true,
});
