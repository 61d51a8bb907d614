import { openaiEmbeddings } from "../wire/openai-embeddings/index.ts";
import { rerank } from "../wire/rerank/index.ts";
import { bearer } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const embedding = [
  "voyage-4-large",
  "voyage-4",
  "voyage-4-lite",
  "voyage-3.5",
  "voyage-3.5-lite",
  "voyage-3-large",
  "voyage-code-3",
  "voyage-finance-2",
  "voyage-law-2",
] as const;
const reranking = ["rerank-2.5", "rerank-2.5-lite", "rerank-2", "rerank-2-lite"] as const;

/** Embeddings and reranking alone. https://docs.voyageai.com/reference/embeddings-api */
export const voyage: ProviderDefinition<"voyage", { readonly embedding: typeof embedding; readonly rerank: typeof reranking }> =
  defineProvider({
    name: "voyage",
    reference: "https://docs.voyageai.com/reference/embeddings-api",
    baseUrl: "https://api.voyageai.com/v1",
    keyEnv: "VOYAGE_API_KEY",
    auth: bearer,
    keyRequired: true,
    services: [
      speaks(openaiEmbeddings, {
        tokens: false,
        dimensionsField: "output_dimension",
        purposeField: "input_type",
        purposes: { search_query: "query", search_document: "document" },
      }),
      speaks(rerank, { topField: "top_k" }),
    ],
    models: { embedding, rerank: reranking },
    // https://docs.voyageai.com/docs/embeddings, https://docs.voyageai.com/docs/reranker
    sheets: {
      "voyage-4-large": { inputTokensMax: 32_000, inputsMax: 1000 },
      "voyage-4": { inputTokensMax: 32_000, inputsMax: 1000 },
      "voyage-4-lite": { inputTokensMax: 32_000, inputsMax: 1000 },
      "voyage-3.5": { inputTokensMax: 32_000, inputsMax: 1000 },
      "voyage-3.5-lite": { inputTokensMax: 32_000, inputsMax: 1000 },
      "voyage-3-large": { inputTokensMax: 32_000, inputsMax: 1000 },
      "voyage-code-3": { inputTokensMax: 32_000, inputsMax: 1000 },
      "rerank-2.5": { inputsMax: 1000 },
      "rerank-2.5-lite": { inputsMax: 1000 },
      "rerank-2": { inputsMax: 1000 },
      "rerank-2-lite": { inputsMax: 1000 },
    },
  });
