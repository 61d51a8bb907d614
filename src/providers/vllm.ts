import { chatJudge } from "../wire/chat-judge/index.ts";
import { openaiEmbeddings } from "../wire/openai-embeddings/index.ts";
import { rerank } from "../wire/rerank/index.ts";
import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenLists, type ProviderDefinition, speaks } from "./provider.ts";

/** vLLM on this machine. https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html */
export const vllm: ProviderDefinition<"vllm", OpenLists<"chat" | "embedding" | "rerank" | "moderation">> = defineProvider({
  name: "vllm",
  reference: "https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html",
  baseUrl: "http://127.0.0.1:8000/v1",
  auth: bearer,
  keyRequired: false,
  services: [compatibleChat({ topK: true, reasoningBack: "when-asked" }), speaks(openaiEmbeddings), speaks(rerank), speaks(chatJudge)],
  models: { embedding: [], rerank: [], moderation: [], chat: [] },
  openModels: true,
});
