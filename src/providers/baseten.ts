import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models. https://docs.baseten.co/development/model-apis/overview */
export const baseten: ProviderDefinition<"baseten", OpenModels> = defineProvider({
  name: "baseten",
  reference: "https://docs.baseten.co/development/model-apis/overview",
  baseUrl: "https://inference.baseten.co/v1",
  keyEnv: "BASETEN_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat({ reasoningBack: "when-asked" })],
  models: { chat: ["zai-org/GLM-5.2"] },
  openModels: true,
});
