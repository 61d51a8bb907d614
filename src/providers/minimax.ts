import { anthropicMessages } from "../wire/anthropic-messages/index.ts";
import { bearer } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const chat = ["MiniMax-M2"] as const;

/** MiniMax in Anthropic's format, which keeps the reasoning between turns. https://platform.minimax.io/docs/api-reference/text-anthropic-api */
export const minimax: ProviderDefinition<"minimax", { readonly chat: typeof chat }> = defineProvider({
  name: "minimax",
  reference: "https://platform.minimax.io/docs/api-reference/text-anthropic-api",
  baseUrl: "https://api.minimax.io/anthropic/v1",
  keyEnv: "MINIMAX_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [speaks(anthropicMessages, { thinking: "budget", counts: false })],
  models: { chat },
});
