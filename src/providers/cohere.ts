import { cohereChat } from "../wire/cohere-chat/index.ts";
import { cohereEmbed } from "../wire/cohere-embed/index.ts";
import { rerank } from "../wire/rerank/index.ts";
import { bearer } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const chat = [
  "command-a-plus-05-2026",
  "command-a-03-2025",
  "command-a-reasoning-08-2025",
  "command-a-vision-07-2025",
  "command-a-translate-08-2025",
  "command-r7b-12-2024",
  "command-r-08-2024",
  "command-r-plus-08-2024",
] as const;

const embedding = [
  "embed-v4.0",
  "embed-english-v3.0",
  "embed-multilingual-v3.0",
  "embed-english-light-v3.0",
  "embed-multilingual-light-v3.0",
] as const;
const reranking = ["rerank-v3.5", "rerank-english-v3.0", "rerank-multilingual-v3.0"] as const;

/** https://docs.cohere.com/reference/chat */
export const cohere: ProviderDefinition<
  "cohere",
  { readonly chat: typeof chat; readonly embedding: typeof embedding; readonly rerank: typeof reranking }
> = defineProvider({
  name: "cohere",
  reference: "https://docs.cohere.com/reference/chat",
  baseUrl: "https://api.cohere.com/v2",
  keyEnv: "COHERE_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [speaks(cohereChat), speaks(cohereEmbed), speaks(rerank, { tokensPerDocument: true })],
  models: { chat, embedding, rerank: reranking },
  // https://docs.cohere.com/docs/cohere-embed
  sheets: {
    "embed-v4.0": { dimensions: 1536, inputTokensMax: 128_000, inputsMax: 96 },
    "embed-english-v3.0": { dimensions: 1024, inputsMax: 96 },
    "embed-multilingual-v3.0": { dimensions: 1024, inputsMax: 96 },
    "embed-english-light-v3.0": { dimensions: 384, inputsMax: 96 },
    "embed-multilingual-light-v3.0": { dimensions: 384, inputsMax: 96 },
  },
});
