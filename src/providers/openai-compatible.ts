import { chatJudge } from "../wire/chat-judge/index.ts";
import { openaiChat } from "../wire/openai-chat/index.ts";
import { openaiEmbeddings } from "../wire/openai-embeddings/index.ts";
import { openaiImages } from "../wire/openai-images/index.ts";
import { openaiSpeech } from "../wire/openai-speech/index.ts";
import { openaiTranscriptions } from "../wire/openai-transcriptions/index.ts";
import { rerank } from "../wire/rerank/index.ts";
import { bearer } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

/** Any server that speaks OpenAI's format. Where it lives and what models it has, the operator says. */
export const openaiCompatible: ProviderDefinition<"openai-compatible", Record<never, never>> = defineProvider({
  name: "openai-compatible",
  reference: "https://platform.openai.com/docs/api-reference/chat",
  auth: bearer,
  keyRequired: false,
  // OpenAI's newer name for the limit is unknown to many of them, the older one to none.
  services: [
    speaks(openaiChat, { tokensField: "max_tokens", reasoningBack: "when-asked" }),
    speaks(openaiEmbeddings),
    speaks(rerank),
    speaks(openaiImages),
    speaks(openaiSpeech),
    speaks(openaiTranscriptions),
    // Whoever lists a chat model under `moderation` has it judge.
    speaks(chatJudge),
  ],
  models: {},
});
