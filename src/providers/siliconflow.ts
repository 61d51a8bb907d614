import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models. https://docs.siliconflow.com/en/api-reference/chat-completions/chat-completions */
export const siliconflow: ProviderDefinition<"siliconflow", OpenModels> = defineProvider({
  name: "siliconflow",
  reference: "https://docs.siliconflow.com/en/api-reference/chat-completions/chat-completions",
  baseUrl: "https://api.siliconflow.com/v1",
  keyEnv: "SILICONFLOW_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat({ topK: true, reasoningBack: "when-asked" })],
  models: { chat: [] },
  openModels: true,
});
