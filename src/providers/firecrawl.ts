import { firecrawlScrape } from "../wire/web-fetch/firecrawl.ts";
import { firecrawlSearch } from "../wire/web-search/firecrawl.ts";
import { bearer } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const webSearch = ["search"] as const;
const webFetch = ["scrape"] as const;

/** Pages as a browser shows them, and a search for them. https://docs.firecrawl.dev/api-reference/endpoint/scrape */
export const firecrawl: ProviderDefinition<"firecrawl", { readonly webSearch: typeof webSearch; readonly webFetch: typeof webFetch }> =
  defineProvider({
    name: "firecrawl",
    reference: "https://docs.firecrawl.dev/api-reference/endpoint/scrape",
    baseUrl: "https://api.firecrawl.dev/v2",
    keyEnv: "FIRECRAWL_API_KEY",
    auth: bearer,
    keyRequired: true,
    services: [speaks(firecrawlSearch), speaks(firecrawlScrape)],
    models: { webSearch, webFetch },
  });
