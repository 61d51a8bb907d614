import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models; the address is that of its shared machines. https://friendli.ai/docs/openapi/serverless/chat-completions */
export const friendli: ProviderDefinition<"friendli", OpenModels> = defineProvider({
  name: "friendli",
  reference: "https://friendli.ai/docs/openapi/serverless/chat-completions",
  baseUrl: "https://api.friendli.ai/serverless/v1",
  keyEnv: "FRIENDLI_TOKEN",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
