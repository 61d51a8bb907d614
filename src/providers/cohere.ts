import { cohereChat } from "../wire/cohere-chat/index.ts";
import { bearer } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const chat = [
  "command-a-plus-05-2026",
  "command-a-03-2025",
  "command-a-reasoning-08-2025",
  "command-a-vision-07-2025",
  "command-a-translate-08-2025",
  "command-r7b-12-2024",
  "command-r-08-2024",
  "command-r-plus-08-2024",
] as const;

/** https://docs.cohere.com/reference/chat */
export const cohere: ProviderDefinition<"cohere", { readonly chat: typeof chat }> = defineProvider({
  name: "cohere",
  reference: "https://docs.cohere.com/reference/chat",
  baseUrl: "https://api.cohere.com/v2",
  keyEnv: "COHERE_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [speaks(cohereChat)],
  models: { chat },
});
