import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** vLLM on this machine. https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html */
export const vllm: ProviderDefinition<"vllm", OpenModels> = defineProvider({
  name: "vllm",
  reference: "https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html",
  baseUrl: "http://127.0.0.1:8000/v1",
  auth: bearer,
  keyRequired: false,
  services: [compatibleChat({ topK: true })],
  models: { chat: [] },
  openModels: true,
});
