import { exaSearch } from "../wire/web-search/exa.ts";
import { header } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const webSearch = ["search"] as const;

/** Search by meaning. https://exa.ai/docs/reference/search */
export const exa: ProviderDefinition<"exa", { readonly webSearch: typeof webSearch }> = defineProvider({
  name: "exa",
  reference: "https://exa.ai/docs/reference/search",
  baseUrl: "https://api.exa.ai",
  keyEnv: "EXA_API_KEY",
  auth: header("x-api-key"),
  keyRequired: true,
  services: [speaks(exaSearch)],
  models: { webSearch },
});
