import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models, by names such as `hf:…`. https://dev.synthetic.new/docs/openai/chat-completions */
export const synthetic: ProviderDefinition<"synthetic", OpenModels> = defineProvider({
  name: "synthetic",
  reference: "https://dev.synthetic.new/docs/openai/chat-completions",
  baseUrl: "https://api.synthetic.new/openai/v1",
  keyEnv: "SYNTHETIC_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
