import { jsonBody } from "../task-json.ts";
import type { Wire } from "../wire.ts";
import { engineWire, hitsIn } from "./engine.ts";

/** https://docs.tavily.com/documentation/api-reference/endpoint/search */
export const tavilySearch: Wire = engineWire({
  name: "tavily-search",
  // A country is named in whole words there, so two letters can not be handed on.
  hears: ["answer", "depth", "topic", "since", "domains"],
  resultsMax: 20,
  ask: ({ query, count, answer, depth, topic, since, includeDomains, excludeDomains }) => ({
    path: "/search",
    body: jsonBody({
      query,
      max_results: count,
      search_depth: depth,
      topic,
      include_answer: answer,
      ...(since !== undefined && { time_range: since }),
      ...(includeDomains.length > 0 && { include_domains: includeDomains }),
      ...(excludeDomains.length > 0 && { exclude_domains: excludeDomains }),
    }),
  }),
  read: (answer) => ({
    hits: hitsIn(answer, "results", { url: "url", title: "title", content: "content" }),
    answer: answer.stringMaybe("answer"),
  }),
  // An advanced search is two credits.
  billed: ({ depth }) => (depth === "advanced" ? 2 : 1),
});
