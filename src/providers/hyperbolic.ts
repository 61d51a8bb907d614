import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models. https://docs.hyperbolic.xyz/docs/rest-api */
export const hyperbolic: ProviderDefinition<"hyperbolic", OpenModels> = defineProvider({
  name: "hyperbolic",
  reference: "https://docs.hyperbolic.xyz/docs/rest-api",
  baseUrl: "https://api.hyperbolic.xyz/v1",
  keyEnv: "HYPERBOLIC_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
