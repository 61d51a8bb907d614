import type { WebHit } from "../../ir/web-search.ts";
import type { Fields } from "../fields.ts";
import type { Wire } from "../wire.ts";
import { engineWire, queryPath, queryWithSites } from "./engine.ts";

const SINCE = { day: "pd", week: "pw", month: "pm", year: "py" } as const;

/** https://api-dashboard.search.brave.com/api-reference/web/search/get */
export const braveSearch: Wire = engineWire({
  name: "brave-search",
  hears: ["topic", "since", "country", "domains"],
  resultsMax: 20,
  wordsMax: 50,
  ask: (request) => ({
    method: "GET",
    path: queryPath(request.topic === "news" ? "/news/search" : "/web/search", {
      q: queryWithSites(request),
      count: request.count,
      country: request.country?.toUpperCase(),
      freshness: request.since && SINCE[request.since],
      // Else words that were searched for stand in tags.
      text_decorations: "false",
    }),
  }),
  // News stand at the top, pages of the web below `web`.
  read: (answer, { topic }) => ({ hits: hitsOf(topic === "news" ? answer : answer.objectMaybe("web")) }),
});

function hitsOf(list: Fields | undefined): readonly WebHit[] {
  return (list?.objectsMaybe("results") ?? []).map((hit) => ({
    url: hit.string("url"),
    title: hit.stringMaybe("title") ?? "",
    content: [hit.stringMaybe("description") ?? "", ...(hit.stringsMaybe("extra_snippets") ?? [])].filter(Boolean).join("\n"),
    score: undefined,
  }));
}
