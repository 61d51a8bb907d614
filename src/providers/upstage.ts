import { openaiEmbeddings } from "../wire/openai-embeddings/index.ts";
import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenLists, type ProviderDefinition, speaks } from "./provider.ts";

/** Solar. https://console.upstage.ai/docs/capabilities/generate/chat */
export const upstage: ProviderDefinition<"upstage", OpenLists<"chat" | "embedding">> = defineProvider({
  name: "upstage",
  reference: "https://console.upstage.ai/docs/capabilities/generate/chat",
  baseUrl: "https://api.upstage.ai/v1",
  keyEnv: "UPSTAGE_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat(), speaks(openaiEmbeddings, { base64: false, tokens: false })],
  models: { embedding: ["embedding-query", "embedding-passage"], chat: [] },
  openModels: true,
});
