import { youSearch } from "../wire/web-search/you.ts";
import { header } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const webSearch = ["search"] as const;

/** You.com. https://you.com/docs/api-reference/search/v1-search */
export const you: ProviderDefinition<"you", { readonly webSearch: typeof webSearch }> = defineProvider({
  name: "you",
  reference: "https://you.com/docs/api-reference/search/v1-search",
  baseUrl: "https://ydc-index.io/v1",
  keyEnv: "YDC_API_KEY",
  auth: header("x-api-key"),
  keyRequired: true,
  services: [speaks(youSearch)],
  models: { webSearch },
});
