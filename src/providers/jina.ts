import { openaiEmbeddings } from "../wire/openai-embeddings/index.ts";
import { rerank } from "../wire/rerank/index.ts";
import { jinaReader } from "../wire/web-fetch/jina.ts";
import { bearer } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const embedding = [
  "jina-embeddings-v4",
  "jina-embeddings-v3",
  "jina-code-embeddings-1.5b",
  "jina-code-embeddings-0.5b",
  "jina-clip-v2",
] as const;
const reranking = ["jina-reranker-v3", "jina-reranker-m0", "jina-reranker-v2-base-multilingual"] as const;
const webFetch = ["reader"] as const;

const BASE_URL = "https://api.jina.ai/v1";

/** Embeddings, reranking, and pages of the web as Markdown (https://r.jina.ai/docs). https://jina.ai/embeddings/ */
export const jina: ProviderDefinition<
  "jina",
  { readonly embedding: typeof embedding; readonly rerank: typeof reranking; readonly webFetch: typeof webFetch }
> = defineProvider({
  name: "jina",
  reference: "https://jina.ai/embeddings/",
  baseUrl: BASE_URL,
  keyEnv: "JINA_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [
    speaks(openaiEmbeddings, {
      tokens: false,
      encodingField: "embedding_type",
      purposeField: "task",
      purposes: {
        search_query: "retrieval.query",
        query: "retrieval.query",
        search_document: "retrieval.passage",
        document: "retrieval.passage",
        clustering: "separation",
      },
    }),
    speaks(rerank, { extra: { return_documents: false } }),
    // The reader has a host of its own.
    { ...speaks(jinaReader), baseUrl: (baseUrl) => (baseUrl === BASE_URL ? "https://r.jina.ai" : baseUrl) },
  ],
  models: { embedding, rerank: reranking, webFetch },
  sheets: {
    "jina-embeddings-v4": { dimensions: 2048, inputTokensMax: 32_768 },
    "jina-embeddings-v3": { dimensions: 1024, inputTokensMax: 8192 },
    "jina-code-embeddings-1.5b": { dimensions: 1536 },
    "jina-code-embeddings-0.5b": { dimensions: 896 },
    "jina-clip-v2": { dimensions: 1024, inputTokensMax: 8192 },
  },
});
