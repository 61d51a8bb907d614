import { jsonBody } from "../task-json.ts";
import type { Wire } from "../wire.ts";
import { engineWire, hitsIn } from "./engine.ts";

/** https://docs.perplexity.ai/api-reference/search-post */
export const perplexitySearch: Wire = engineWire({
  name: "perplexity-search",
  hears: ["since", "country", "domains"],
  resultsMax: 20,
  ask: ({ query, count, since, country, includeDomains, excludeDomains }) => ({
    path: "/search",
    body: jsonBody({
      query,
      max_results: count,
      ...(since !== undefined && { search_recency_filter: since }),
      ...(country !== undefined && { country: country.toUpperCase() }),
      ...(includeDomains.length + excludeDomains.length > 0 && {
        // One list for both: a hyphen in front takes a site out.
        search_domain_filter: [...includeDomains, ...excludeDomains.map((domain) => `-${domain}`)],
      }),
    }),
  }),
  read: (answer) => ({ hits: hitsIn(answer, "results", { url: "url", title: "title", content: "snippet" }) }),
});
