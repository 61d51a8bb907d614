import { jsonBody } from "../task-json.ts";
import type { Wire } from "../wire.ts";
import { engineWire, hitsIn } from "./engine.ts";

/** https://docs.linkup.so/pages/documentation/api-reference/endpoint/post-search */
export const linkupSearch: Wire = engineWire({
  name: "linkup-search",
  hears: ["answer", "depth", "domains"],
  resultsMax: 50,
  ask: ({ query, count, answer, depth, includeDomains, excludeDomains }) => ({
    path: "/search",
    body: jsonBody({
      q: query,
      depth: depth === "advanced" ? "deep" : "standard",
      outputType: answer ? "sourcedAnswer" : "searchResults",
      maxResults: count,
      ...(includeDomains.length > 0 && { includeDomains }),
      ...(excludeDomains.length > 0 && { excludeDomains }),
    }),
  }),
  // With an answer the results are its sources, which have a snippet in the place of the content.
  read: (json, { answer }) =>
    answer
      ? { hits: hitsIn(json, "sources", { url: "url", title: "name", content: "snippet" }), answer: json.stringMaybe("answer") }
      : { hits: hitsIn(json, "results", { url: "url", title: "name", content: "content" }) },
  // https://www.linkup.so/pricing: a deep search costs ten times as much.
  billed: ({ depth }) => (depth === "advanced" ? 10 : 1),
});
