import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models, in Europe. https://help.ovhcloud.com/csm/en-public-cloud-ai-endpoints-getting-started */
export const ovhcloud: ProviderDefinition<"ovhcloud", OpenModels> = defineProvider({
  name: "ovhcloud",
  reference: "https://help.ovhcloud.com/csm/en-public-cloud-ai-endpoints-getting-started",
  baseUrl: "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1",
  keyEnv: "OVH_AI_ENDPOINTS_ACCESS_TOKEN",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
