import { openaiChat } from "../wire/openai-chat/index.ts";
import { bearer } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

/** Any server that speaks OpenAI's format. Where it lives and what models it has, the operator says. */
// biome-ignore lint/complexity/noBannedTypes: no models at all is what is meant.
export const openaiCompatible: ProviderDefinition<"openai-compatible", {}> = defineProvider({
  name: "openai-compatible",
  reference: "https://platform.openai.com/docs/api-reference/chat",
  auth: bearer,
  keyRequired: false,
  services: [speaks(openaiChat)],
  models: {},
});
