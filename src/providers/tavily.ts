import { tavilyExtract } from "../wire/web-fetch/tavily.ts";
import { tavilySearch } from "../wire/web-search/tavily.ts";
import { bearer } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const webSearch = ["search"] as const;
const webFetch = ["extract"] as const;

/** Search made for models, and pages as text. https://docs.tavily.com/documentation/api-reference/introduction */
export const tavily: ProviderDefinition<"tavily", { readonly webSearch: typeof webSearch; readonly webFetch: typeof webFetch }> =
  defineProvider({
    name: "tavily",
    reference: "https://docs.tavily.com/documentation/api-reference/introduction",
    baseUrl: "https://api.tavily.com",
    keyEnv: "TAVILY_API_KEY",
    auth: bearer,
    keyRequired: true,
    services: [speaks(tavilySearch), speaks(tavilyExtract)],
    models: { webSearch, webFetch },
    sheets: { search: { inputCharactersMax: 400 } },
  });
