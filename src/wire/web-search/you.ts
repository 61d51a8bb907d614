import type { Wire } from "../wire.ts";
import { engineWire, queryPath } from "./engine.ts";

/** https://you.com/docs/api-reference/search/v1-search */
export const youSearch: Wire = engineWire({
  name: "you-search",
  hears: ["topic", "since", "country", "domains"],
  resultsMax: 100,
  ask: ({ query, count, since, country, includeDomains, excludeDomains }) => ({
    method: "GET",
    path: queryPath("/search", {
      query,
      count,
      freshness: since,
      country: country?.toUpperCase(),
      include_domains: includeDomains.length > 0 ? includeDomains.join(",") : undefined,
      exclude_domains: excludeDomains.length > 0 ? excludeDomains.join(",") : undefined,
    }),
  }),
  // Pages and news come apart in one answer.
  read: (answer, { topic }) => ({
    hits: (answer.object("results").objectsMaybe(topic === "news" ? "news" : "web") ?? []).map((hit) => ({
      url: hit.string("url"),
      title: hit.stringMaybe("title") ?? "",
      content: (hit.stringsMaybe("snippets") ?? []).join("\n") || (hit.stringMaybe("description") ?? ""),
      score: undefined,
    })),
  }),
});
