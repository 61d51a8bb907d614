import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models. https://docs.wandb.ai/inference/api-reference */
export const wandb: ProviderDefinition<"wandb", OpenModels> = defineProvider({
  name: "wandb",
  reference: "https://docs.wandb.ai/inference/api-reference",
  baseUrl: "https://api.inference.wandb.ai/v1",
  keyEnv: "WANDB_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
