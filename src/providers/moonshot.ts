import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type ProviderDefinition } from "./provider.ts";

const chat = ["kimi-k3", "kimi-k2.5"] as const;

/** Kimi. https://platform.moonshot.ai/docs/api/chat */
export const moonshot: ProviderDefinition<"moonshot", { readonly chat: typeof chat }> = defineProvider({
  name: "moonshot",
  reference: "https://platform.moonshot.ai/docs/api/chat",
  baseUrl: "https://api.moonshot.ai/v1",
  keyEnv: "MOONSHOT_API_KEY",
  auth: bearer,
  keyRequired: true,
  // Thinking models want their reasoning back within a loop of tools.
  services: [compatibleChat({ reasoningBack: "reasoning_content" })],
  models: { chat },
});
