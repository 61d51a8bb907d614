import { openaiEmbeddings } from "../wire/openai-embeddings/index.ts";
import { openaiModerations } from "../wire/openai-moderations/index.ts";
import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const chat = ["mistral-large-latest", "mistral-medium-latest", "mistral-small-latest", "ministral-8b-latest"] as const;

const embedding = ["mistral-embed", "codestral-embed"] as const;
const moderation = ["mistral-moderation-latest"] as const;

/** What OpenAI calls what Mistral judges by. https://docs.mistral.ai/capabilities/guardrailing/ */
const CATEGORIES = {
  hate_and_discrimination: "hate",
  violence_and_threats: "violence",
  dangerous_and_criminal_content: "illicit",
  selfharm: "self-harm",
};

/** https://docs.mistral.ai/api/ */
export const mistral: ProviderDefinition<
  "mistral",
  { readonly chat: typeof chat; readonly embedding: typeof embedding; readonly moderation: typeof moderation }
> = defineProvider({
  name: "mistral",
  reference: "https://docs.mistral.ai/api/",
  baseUrl: "https://api.mistral.ai/v1",
  keyEnv: "MISTRAL_API_KEY",
  auth: bearer,
  keyRequired: true,
  // Fields that it does not know are a 422, and ids of calls have nine letters and digits. Usage comes with the last chunk unasked.
  services: [
    compatibleChat({
      callIds: "mistral",
      streamOptions: false,
      omits: ["logprobs", "top_logprobs", "seed", "service_tier", "store", "user", "verbosity"],
    }),
    speaks(openaiEmbeddings, { base64: false, tokens: false, dimensionsField: "output_dimension" }),
    speaks(openaiModerations, { images: false, categories: CATEGORIES }),
  ],
  models: { chat, embedding, moderation },
  // https://docs.mistral.ai/capabilities/embeddings/
  sheets: { "mistral-embed": { dimensions: 1024, inputTokensMax: 8192 }, "codestral-embed": { inputTokensMax: 8192 } },
});
