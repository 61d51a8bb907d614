import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Models of many vendors. https://vercel.com/docs/ai-gateway/openai-compat */
export const vercelGateway: ProviderDefinition<"vercel-gateway", OpenModels> = defineProvider({
  name: "vercel-gateway",
  reference: "https://vercel.com/docs/ai-gateway/openai-compat",
  baseUrl: "https://ai-gateway.vercel.sh/v1",
  keyEnv: "AI_GATEWAY_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat({ reasoningBack: "reasoning_details" })],
  models: { chat: ["anthropic/claude-sonnet-4", "google/gemini-3-pro-preview", "google/gemini-2.5-flash", "openai/gpt-5"] },
  openModels: true,
});
