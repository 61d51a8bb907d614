import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type ProviderDefinition } from "./provider.ts";

const chat = ["gpt-oss-120b", "zai-glm-4.7", "llama-3.3-70b"] as const;

/** Open models on chips of its own. https://inference-docs.cerebras.ai/api-reference/chat-completions */
export const cerebras: ProviderDefinition<"cerebras", { readonly chat: typeof chat }> = defineProvider({
  name: "cerebras",
  reference: "https://inference-docs.cerebras.ai/api-reference/chat-completions",
  baseUrl: "https://api.cerebras.ai/v1",
  keyEnv: "CEREBRAS_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat },
});
