import { openaiEmbeddings } from "../wire/openai-embeddings/index.ts";
import { openaiImages } from "../wire/openai-images/index.ts";
import { rerank } from "../wire/rerank/index.ts";
import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenLists, type ProviderDefinition, speaks } from "./provider.ts";

/** Open models. https://docs.together.ai/docs/openai-api-compatibility */
export const together: ProviderDefinition<"together", OpenLists<"chat" | "embedding" | "rerank" | "image">> = defineProvider({
  name: "together",
  reference: "https://docs.together.ai/docs/openai-api-compatibility",
  baseUrl: "https://api.together.xyz/v1",
  keyEnv: "TOGETHER_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [
    compatibleChat({ topK: true, reasoningBack: "when-asked" }),
    speaks(openaiEmbeddings, { base64: false, tokens: false }),
    speaks(rerank),
    // https://docs.together.ai/reference/post-images-generations
    speaks(openaiImages, {
      paths: { generate: "/images/generations" },
      size: "pixels",
      base64: "base64",
      settings: ["seed", "negativePrompt", "rest"],
      imagesMax: 4,
    }),
  ],
  models: {
    image: ["black-forest-labs/FLUX.1-schnell"],
    embedding: ["BAAI/bge-large-en-v1.5", "togethercomputer/m2-bert-80M-8k-retrieval"],
    rerank: ["Salesforce/Llama-Rank-V2"],
    chat: ["meta-llama/Llama-3.3-70B-Instruct-Turbo", "mistralai/Mixtral-8x7B-Instruct-v0.1"],
  },
  openModels: true,
});
