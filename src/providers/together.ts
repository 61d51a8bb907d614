import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models. https://docs.together.ai/docs/openai-api-compatibility */
export const together: ProviderDefinition<"together", OpenModels> = defineProvider({
  name: "together",
  reference: "https://docs.together.ai/docs/openai-api-compatibility",
  baseUrl: "https://api.together.xyz/v1",
  keyEnv: "TOGETHER_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat({ topK: true })],
  models: { chat: ["meta-llama/Llama-3.3-70B-Instruct-Turbo", "mistralai/Mixtral-8x7B-Instruct-v0.1"] },
  openModels: true,
});
