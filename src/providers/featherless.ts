import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Thousands of open models. https://featherless.ai/docs/api-reference-chat-completions */
export const featherless: ProviderDefinition<"featherless", OpenModels> = defineProvider({
  name: "featherless",
  reference: "https://featherless.ai/docs/api-reference-chat-completions",
  baseUrl: "https://api.featherless.ai/v1",
  keyEnv: "FEATHERLESS_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
