import { linkupSearch } from "../wire/web-search/linkup.ts";
import { bearer } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const webSearch = ["search"] as const;

/** Search with answers. https://docs.linkup.so/pages/documentation/api-reference/endpoint/post-search */
export const linkup: ProviderDefinition<"linkup", { readonly webSearch: typeof webSearch }> = defineProvider({
  name: "linkup",
  reference: "https://docs.linkup.so/pages/documentation/api-reference/endpoint/post-search",
  baseUrl: "https://api.linkup.so/v1",
  keyEnv: "LINKUP_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [speaks(linkupSearch)],
  models: { webSearch },
});
