import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Llama, by Meta itself. https://llama.developer.meta.com/docs/features/compatibility */
export const metaLlama: ProviderDefinition<"meta-llama", OpenModels> = defineProvider({
  name: "meta-llama",
  reference: "https://llama.developer.meta.com/docs/features/compatibility",
  baseUrl: "https://api.llama.com/compat/v1",
  keyEnv: "LLAMA_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
