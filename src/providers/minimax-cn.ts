import { anthropicMessages } from "../wire/anthropic-messages/index.ts";
import { bearer } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const chat = ["MiniMax-M2"] as const;

/** MiniMax in mainland China, with accounts of its own. https://platform.minimaxi.com/docs/api-reference/text-anthropic-api */
export const minimaxCn: ProviderDefinition<"minimax-cn", { readonly chat: typeof chat }> = defineProvider({
  name: "minimax-cn",
  reference: "https://platform.minimaxi.com/docs/api-reference/text-anthropic-api",
  baseUrl: "https://api.minimaxi.com/anthropic/v1",
  keyEnv: "MINIMAX_CN_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [speaks(anthropicMessages, { thinking: "budget", counts: false })],
  models: { chat },
});
