import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type ProviderDefinition } from "./provider.ts";

const chat = ["qwen3-max"] as const;

/** Qwen, on Model Studio outside of mainland China. https://www.alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope */
export const alibaba: ProviderDefinition<"alibaba", { readonly chat: typeof chat }> = defineProvider({
  name: "alibaba",
  reference: "https://www.alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope",
  baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
  keyEnv: "DASHSCOPE_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat({ reasoningBack: "when-asked" })],
  models: { chat },
});
