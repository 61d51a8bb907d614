import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models. https://docs.api.nvidia.com/nim/reference/llm-apis */
export const nvidia: ProviderDefinition<"nvidia", OpenModels> = defineProvider({
  name: "nvidia",
  reference: "https://docs.api.nvidia.com/nim/reference/llm-apis",
  baseUrl: "https://integrate.api.nvidia.com/v1",
  keyEnv: "NVIDIA_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
