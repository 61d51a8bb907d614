import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Models of many vendors. https://docs.nano-gpt.com/api-reference/endpoint/chat-completion */
export const nanogpt: ProviderDefinition<"nanogpt", OpenModels> = defineProvider({
  name: "nanogpt",
  reference: "https://docs.nano-gpt.com/api-reference/endpoint/chat-completion",
  baseUrl: "https://nano-gpt.com/api/v1",
  keyEnv: "NANOGPT_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
