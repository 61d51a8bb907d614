import { searxngSearch } from "../wire/web-search/searxng.ts";
import { bearer } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const webSearch = ["search"] as const;

/** A search engine of one's own on this machine, unless the operator says where else. https://docs.searxng.org/dev/search_api.html */
export const searxng: ProviderDefinition<"searxng", { readonly webSearch: typeof webSearch }> = defineProvider({
  name: "searxng",
  reference: "https://docs.searxng.org/dev/search_api.html",
  baseUrl: "http://127.0.0.1:8080",
  auth: bearer,
  keyRequired: false,
  services: [speaks(searxngSearch)],
  models: { webSearch },
});
