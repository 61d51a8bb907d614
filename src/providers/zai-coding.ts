import { anthropicMessages } from "../wire/anthropic-messages/index.ts";
import { header } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const chat = ["glm-5.3", "glm-5.2", "glm-4.7"] as const;

/** GLM in Anthropic's format, as the subscriptions for programmers have it. https://docs.z.ai/devpack/tool/claude */
export const zaiCoding: ProviderDefinition<"zai-coding", { readonly chat: typeof chat }> = defineProvider({
  name: "zai-coding",
  reference: "https://docs.z.ai/devpack/tool/claude",
  baseUrl: "https://api.z.ai/api/anthropic/v1",
  keyEnv: "ZAI_API_KEY",
  auth: header("x-api-key"),
  keyRequired: true,
  services: [speaks(anthropicMessages, { thinking: "budget", counts: false })],
  models: { chat },
});
