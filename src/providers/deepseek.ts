import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type ProviderDefinition } from "./provider.ts";

const chat = ["deepseek-v4-flash", "deepseek-chat", "deepseek-reasoner"] as const;

/** https://api-docs.deepseek.com/ */
export const deepseek: ProviderDefinition<"deepseek", { readonly chat: typeof chat }> = defineProvider({
  name: "deepseek",
  reference: "https://api-docs.deepseek.com/",
  baseUrl: "https://api.deepseek.com/v1",
  keyEnv: "DEEPSEEK_API_KEY",
  auth: bearer,
  keyRequired: true,
  // The newest models want their reasoning back within a loop of tools.
  services: [compatibleChat({ reasoningBack: "reasoning_content" })],
  models: { chat },
});
