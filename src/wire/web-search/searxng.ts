import { isJsonObject, type Json } from "../../ir/json.ts";
import { Fields } from "../fields.ts";
import type { Wire } from "../wire.ts";
import { engineWire, hitsIn, queryPath } from "./engine.ts";

/** A search engine of one's own, which asks others. Its `settings.yml` has to allow the format `json`. https://docs.searxng.org/dev/search_api.html */
export const searxngSearch: Wire = engineWire({
  name: "searxng-search",
  hears: ["answer", "topic", "since"],
  // It gives a page of results, as long as it likes.
  resultsMax: 100,
  ask: ({ query, topic, since }) => ({
    method: "GET",
    path: queryPath("/search", { q: query, format: "json", categories: topic, time_range: since }),
  }),
  read: (answer) => ({
    hits: hitsIn(answer, "results", { url: "url", title: "title", content: "content" }),
    answer: answerIn(answer),
  }),
});

/** Older ones give texts, newer ones objects. */
function answerIn(answer: Fields): string | undefined {
  const [first] = answer.listMaybe("answers") ?? [];
  return isJsonObject(first) ? Fields.of(first, "answers[0]", "upstream_invalid").stringMaybe("answer") : textIn(first);
}

function textIn(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
