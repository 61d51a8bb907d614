import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type ProviderDefinition } from "./provider.ts";

const chat = ["glm-5.3", "glm-5.2", "glm-4.7", "glm-4.7-flash"] as const;

/** GLM. https://docs.z.ai/api-reference/llm/chat-completion */
export const zai: ProviderDefinition<"zai", { readonly chat: typeof chat }> = defineProvider({
  name: "zai",
  reference: "https://docs.z.ai/api-reference/llm/chat-completion",
  baseUrl: "https://api.z.ai/api/paas/v4",
  keyEnv: "ZAI_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat({ reasoningBack: "when-asked" })],
  models: { chat },
});
