import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models. https://docs.inference.net/ */
export const inferenceNet: ProviderDefinition<"inference-net", OpenModels> = defineProvider({
  name: "inference-net",
  reference: "https://docs.inference.net/",
  baseUrl: "https://api.inference.net/v1",
  keyEnv: "INFERENCE_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
