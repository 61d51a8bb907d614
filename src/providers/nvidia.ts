import { openaiEmbeddings } from "../wire/openai-embeddings/index.ts";
import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenLists, type ProviderDefinition, speaks } from "./provider.ts";

/** Open models. https://docs.api.nvidia.com/nim/reference/llm-apis */
export const nvidia: ProviderDefinition<"nvidia", OpenLists<"chat" | "embedding">> = defineProvider({
  name: "nvidia",
  reference: "https://docs.api.nvidia.com/nim/reference/llm-apis",
  baseUrl: "https://integrate.api.nvidia.com/v1",
  keyEnv: "NVIDIA_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [
    compatibleChat({ reasoningBack: "when-asked" }),
    speaks(openaiEmbeddings, {
      base64: false,
      tokens: false,
      purposeField: "input_type",
      purposes: { search_query: "query", search_document: "passage" },
    }),
  ],
  models: { embedding: ["nvidia/nv-embedqa-e5-v5"], chat: [] },
  openModels: true,
});
