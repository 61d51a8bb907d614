import { openaiEmbeddings } from "../wire/openai-embeddings/index.ts";
import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenLists, type ProviderDefinition, speaks } from "./provider.ts";

/** Open models. https://docs.tokenfactory.nebius.com/ */
export const nebius: ProviderDefinition<"nebius", OpenLists<"chat" | "embedding">> = defineProvider({
  name: "nebius",
  reference: "https://docs.tokenfactory.nebius.com/",
  baseUrl: "https://api.tokenfactory.nebius.com/v1",
  keyEnv: "NEBIUS_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat({ topK: true, reasoningBack: "when-asked" }), speaks(openaiEmbeddings, { base64: false, tokens: false })],
  models: { embedding: ["Qwen/Qwen3-Embedding-8B"], chat: [] },
  openModels: true,
});
