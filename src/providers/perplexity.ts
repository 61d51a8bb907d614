import { perplexitySearch } from "../wire/web-search/perplexity.ts";
import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const chat = ["sonar", "sonar-pro", "sonar-reasoning-pro"] as const;
const webSearch = ["search"] as const;

/** https://docs.perplexity.ai/api-reference/chat-completions-post */
export const perplexity: ProviderDefinition<"perplexity", { readonly chat: typeof chat; readonly webSearch: typeof webSearch }> =
  defineProvider({
    name: "perplexity",
    reference: "https://docs.perplexity.ai/api-reference/chat-completions-post",
    baseUrl: "https://api.perplexity.ai",
    keyEnv: "PERPLEXITY_API_KEY",
    auth: bearer,
    keyRequired: true,
    // Its streams end without `[DONE]`, which the format does not ask for unless it is told to.
    services: [compatibleChat(), speaks(perplexitySearch)],
    models: { chat, webSearch },
  });
