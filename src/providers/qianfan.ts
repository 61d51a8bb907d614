import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Baidu's: ERNIE and open models. https://cloud.baidu.com/doc/qianfan-api/s/3m7of64lb */
export const qianfan: ProviderDefinition<"qianfan", OpenModels> = defineProvider({
  name: "qianfan",
  reference: "https://cloud.baidu.com/doc/qianfan-api/s/3m7of64lb",
  baseUrl: "https://qianfan.baidubce.com/v2",
  keyEnv: "QIANFAN_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
