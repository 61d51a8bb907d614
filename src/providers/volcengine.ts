import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** ByteDance's: Doubao and open models, also by the ids of one's own endpoints. https://www.volcengine.com/docs/82379/1494384 */
export const volcengine: ProviderDefinition<"volcengine", OpenModels> = defineProvider({
  name: "volcengine",
  reference: "https://www.volcengine.com/docs/82379/1494384",
  baseUrl: "https://ark.cn-beijing.volces.com/api/v3",
  keyEnv: "ARK_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat({ reasoningBack: "when-asked" })],
  models: { chat: [] },
  openModels: true,
});
