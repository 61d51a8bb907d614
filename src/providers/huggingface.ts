import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models at many vendors; a name may end in the one that is meant, such as `:groq`. https://huggingface.co/docs/inference-providers/index */
export const huggingface: ProviderDefinition<"huggingface", OpenModels> = defineProvider({
  name: "huggingface",
  reference: "https://huggingface.co/docs/inference-providers/index",
  baseUrl: "https://router.huggingface.co/v1",
  keyEnv: "HF_TOKEN",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: ["deepseek-ai/DeepSeek-R1", "meta-llama/Llama-4-Scout-17B-16E-Instruct", "moonshotai/Kimi-K2-Instruct-0905:groq"] },
  openModels: true,
});
