import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Ollama's own machines, in OpenAI's format. https://docs.ollama.com/cloud */
export const ollamaCloud: ProviderDefinition<"ollama-cloud", OpenModels> = defineProvider({
  name: "ollama-cloud",
  reference: "https://docs.ollama.com/cloud",
  baseUrl: "https://ollama.com/v1",
  keyEnv: "OLLAMA_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: ["gpt-oss:120b", "gpt-oss:20b"] },
  openModels: true,
});
