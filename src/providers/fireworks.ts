import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models, by names such as `accounts/fireworks/models/…`. https://docs.fireworks.ai/tools-sdks/openai-compatibility */
export const fireworks: ProviderDefinition<"fireworks", OpenModels> = defineProvider({
  name: "fireworks",
  reference: "https://docs.fireworks.ai/tools-sdks/openai-compatibility",
  baseUrl: "https://api.fireworks.ai/inference/v1",
  keyEnv: "FIREWORKS_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat({ topK: true })],
  models: { chat: [] },
  openModels: true,
});
