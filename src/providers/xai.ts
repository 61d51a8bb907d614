import { openaiResponses } from "../wire/openai-responses/index.ts";
import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const chat = ["grok-4.3", "grok-4-fast", "grok-4-fast-reasoning", "grok-4-fast-non-reasoning", "grok-code-fast-1", "grok-3-mini"] as const;

/** https://docs.x.ai/docs/api-reference */
export const xai: ProviderDefinition<"xai", { readonly chat: typeof chat }> = defineProvider({
  name: "xai",
  reference: "https://docs.x.ai/docs/api-reference",
  baseUrl: "https://api.x.ai/v1",
  keyEnv: "XAI_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat(), speaks(openaiResponses, { counts: false })],
  models: { chat },
});
