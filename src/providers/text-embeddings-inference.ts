import { openaiEmbeddings } from "../wire/openai-embeddings/index.ts";
import { rerank } from "../wire/rerank/index.ts";
import { bearer } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

/**
 * Hugging Face's own server for embeddings and reranking, on this machine unless the operator says where else. One model each, named by the operator.
 * https://huggingface.github.io/text-embeddings-inference/
 */
export const textEmbeddingsInference: ProviderDefinition<"text-embeddings-inference", Record<never, never>> = defineProvider({
  name: "text-embeddings-inference",
  reference: "https://huggingface.github.io/text-embeddings-inference/",
  baseUrl: "http://127.0.0.1:8080",
  auth: bearer,
  keyRequired: false,
  services: [
    speaks(openaiEmbeddings, { path: "/v1/embeddings", tokens: false }),
    speaks(rerank, { documentsField: "texts", topField: "none", namesModel: false }),
  ],
  models: {},
});
