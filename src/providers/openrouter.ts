import { openaiEmbeddings } from "../wire/openai-embeddings/index.ts";
import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenLists, type ProviderDefinition, speaks } from "./provider.ts";

/** Models of nearly all vendors. https://openrouter.ai/docs/api-reference/overview */
export const openrouter: ProviderDefinition<"openrouter", OpenLists<"chat" | "embedding">> = defineProvider({
  name: "openrouter",
  reference: "https://openrouter.ai/docs/api-reference/overview",
  baseUrl: "https://openrouter.ai/api/v1",
  keyEnv: "OPENROUTER_API_KEY",
  auth: bearer,
  keyRequired: true,
  // Marks of caches are handed to the vendors that know them, and reasoning goes back as it came.
  services: [compatibleChat({ reasoningBack: "reasoning_details", cacheMarks: "cache_control", topK: true }), speaks(openaiEmbeddings)],
  models: {
    embedding: ["openai/text-embedding-3-small", "openai/text-embedding-3-large"],
    chat: [
      "anthropic/claude-sonnet-4.5",
      "anthropic/claude-haiku-4.5",
      "openai/gpt-5.2",
      "google/gemini-2.5-flash",
      "x-ai/grok-4.1-fast",
      "deepseek/deepseek-chat",
    ],
  },
  openModels: true,
});
