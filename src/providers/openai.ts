import { openaiChat } from "../wire/openai-chat/index.ts";
import { openaiEmbeddings } from "../wire/openai-embeddings/index.ts";
import { openaiModerations } from "../wire/openai-moderations/index.ts";
import { openaiResponses } from "../wire/openai-responses/index.ts";
import { bearer } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const chat = [
  "gpt-5.6",
  "gpt-5.6-sol",
  "gpt-5.6-terra",
  "gpt-5.6-luna",
  "gpt-5.5",
  "gpt-5.4",
  "gpt-5.4-mini",
  "gpt-5.4-nano",
  "gpt-5.2",
  "gpt-5.1",
  "gpt-5",
  "gpt-5-mini",
  "gpt-5-nano",
  "gpt-4.1",
  "gpt-4.1-mini",
  "gpt-4.1-nano",
  "gpt-4o",
  "gpt-4o-mini",
  "gpt-4o-audio-preview",
  "gpt-4o-mini-search-preview",
  "o4-mini",
  "o3",
  "gpt-3.5-turbo",
] as const;

const embedding = ["text-embedding-3-large", "text-embedding-3-small", "text-embedding-ada-002"] as const;

const moderation = ["omni-moderation-latest", "text-moderation-latest"] as const;

/** https://platform.openai.com/docs/api-reference */
export const openai: ProviderDefinition<
  "openai",
  { readonly chat: typeof chat; readonly embedding: typeof embedding; readonly moderation: typeof moderation }
> = defineProvider({
  name: "openai",
  reference: "https://platform.openai.com/docs/api-reference",
  baseUrl: "https://api.openai.com/v1",
  keyEnv: "OPENAI_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [speaks(openaiChat), speaks(openaiResponses, { compacts: true }), speaks(openaiEmbeddings), speaks(openaiModerations)],
  models: { chat, embedding, moderation },
  // https://platform.openai.com/docs/guides/embeddings
  sheets: {
    "text-embedding-3-large": { dimensions: 3072, inputTokensMax: 8192, inputsMax: 2048 },
    "text-embedding-3-small": { dimensions: 1536, inputTokensMax: 8192, inputsMax: 2048 },
    "text-embedding-ada-002": { dimensions: 1536, inputTokensMax: 8192, inputsMax: 2048 },
  },
});
