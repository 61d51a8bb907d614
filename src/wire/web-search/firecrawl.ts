import { jsonBody } from "../task-json.ts";
import type { Wire } from "../wire.ts";
import { engineWire, hitsIn, queryWithSites } from "./engine.ts";

const SINCE = { day: "qdr:d", week: "qdr:w", month: "qdr:m", year: "qdr:y" } as const;

/** https://docs.firecrawl.dev/api-reference/endpoint/search */
export const firecrawlSearch: Wire = engineWire({
  name: "firecrawl-search",
  hears: ["topic", "since", "domains"],
  resultsMax: 100,
  ask: (request) => ({
    path: "/search",
    body: jsonBody({
      query: queryWithSites(request),
      limit: request.count,
      sources: [request.topic === "news" ? "news" : "web"],
      ...(request.since !== undefined && { tbs: SINCE[request.since] }),
    }),
  }),
  // News have a snippet where pages of the web have a description.
  read: (answer, { topic }) => ({
    hits:
      topic === "news"
        ? hitsIn(answer.object("data"), "news", { url: "url", title: "title", content: "snippet" })
        : hitsIn(answer.object("data"), "web", { url: "url", title: "title", content: "description" }),
  }),
});
