import { braveSearch } from "../wire/web-search/brave.ts";
import { header } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const webSearch = ["search"] as const;

/** Brave's own index of the web. https://api-dashboard.search.brave.com/api-reference/web/search/get */
export const brave: ProviderDefinition<"brave", { readonly webSearch: typeof webSearch }> = defineProvider({
  name: "brave",
  reference: "https://api-dashboard.search.brave.com/api-reference/web/search/get",
  baseUrl: "https://api.search.brave.com/res/v1",
  keyEnv: "BRAVE_API_KEY",
  auth: header("x-subscription-token"),
  keyRequired: true,
  services: [speaks(braveSearch)],
  models: { webSearch },
  sheets: { search: { inputCharactersMax: 400 } },
});
