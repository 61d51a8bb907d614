import { openaiEmbeddings } from "../wire/openai-embeddings/index.ts";
import { rerank } from "../wire/rerank/index.ts";
import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenLists, type ProviderDefinition, speaks } from "./provider.ts";

/** Open models, by names such as `accounts/fireworks/models/…`. https://docs.fireworks.ai/tools-sdks/openai-compatibility */
export const fireworks: ProviderDefinition<"fireworks", OpenLists<"chat" | "embedding" | "rerank">> = defineProvider({
  name: "fireworks",
  reference: "https://docs.fireworks.ai/tools-sdks/openai-compatibility",
  baseUrl: "https://api.fireworks.ai/inference/v1",
  keyEnv: "FIREWORKS_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [
    compatibleChat({ topK: true, reasoningBack: "when-asked" }),
    speaks(openaiEmbeddings, { base64: false, tokens: false }),
    speaks(rerank),
  ],
  models: { embedding: ["nomic-ai/nomic-embed-text-v1.5"], rerank: [], chat: [] },
  openModels: true,
});
