import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models, in Europe. https://docs.nscale.com/docs/inference/chat */
export const nscale: ProviderDefinition<"nscale", OpenModels> = defineProvider({
  name: "nscale",
  reference: "https://docs.nscale.com/docs/inference/chat",
  baseUrl: "https://inference.api.nscale.com/v1",
  keyEnv: "NSCALE_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
