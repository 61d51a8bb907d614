import { serperSearch } from "../wire/web-search/serper.ts";
import { header } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const webSearch = ["search"] as const;

/** Google's results. https://serper.dev/playground */
export const serper: ProviderDefinition<"serper", { readonly webSearch: typeof webSearch }> = defineProvider({
  name: "serper",
  reference: "https://serper.dev/playground",
  baseUrl: "https://google.serper.dev",
  keyEnv: "SERPER_API_KEY",
  auth: header("x-api-key"),
  keyRequired: true,
  services: [speaks(serperSearch)],
  models: { webSearch },
});
