import type { Fields } from "../fields.ts";
import { jsonBody } from "../task-json.ts";
import type { Wire } from "../wire.ts";
import { engineWire } from "./engine.ts";

/** Of each result; a page as a whole may be megabytes. */
const TEXT_CHARACTERS_MAX = 2_000;

/** https://exa.ai/docs/reference/search */
export const exaSearch: Wire = engineWire({
  name: "exa-search",
  hears: ["depth", "topic", "country", "domains"],
  resultsMax: 100,
  ask: ({ query, count, depth, topic, country, includeDomains, excludeDomains }) => ({
    path: "/search",
    body: jsonBody({
      query,
      numResults: count,
      type: depth === "advanced" ? "deep" : "auto",
      contents: { highlights: true, text: { maxCharacters: TEXT_CHARACTERS_MAX } },
      ...(topic === "news" && { category: "news" }),
      ...(country !== undefined && { userLocation: country.toUpperCase() }),
      ...(includeDomains.length > 0 && { includeDomains }),
      ...(excludeDomains.length > 0 && { excludeDomains }),
    }),
  }),
  read: (answer) => ({
    hits: (answer.objectsMaybe("results") ?? []).map((hit) => ({
      url: hit.string("url"),
      title: hit.stringMaybe("title") ?? "",
      content: contentOf(hit),
      score: hit.numberMaybe("score"),
    })),
  }),
});

/** What is to the point, if it says so; else how the page begins. */
function contentOf(hit: Fields): string {
  const highlights = hit.stringsMaybe("highlights") ?? [];
  return highlights.length > 0 ? highlights.join("\n") : (hit.stringMaybe("text") ?? "");
}
