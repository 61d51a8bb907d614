import { jsonBody } from "../task-json.ts";
import type { Wire } from "../wire.ts";
import { engineWire, hitsIn, queryWithSites } from "./engine.ts";

const SINCE = { day: "qdr:d", week: "qdr:w", month: "qdr:m", year: "qdr:y" } as const;

/** Google's results. https://serper.dev/playground */
export const serperSearch: Wire = engineWire({
  name: "serper-search",
  hears: ["answer", "topic", "since", "country", "domains"],
  resultsMax: 100,
  ask: (request) => ({
    path: request.topic === "news" ? "/news" : "/search",
    body: jsonBody({
      q: queryWithSites(request),
      num: request.count,
      ...(request.country !== undefined && { gl: request.country }),
      ...(request.since !== undefined && { tbs: SINCE[request.since] }),
    }),
  }),
  read: (answer, { topic }) => {
    const box = answer.objectMaybe("answerBox");
    return {
      hits: hitsIn(answer, topic === "news" ? "news" : "organic", { url: "link", title: "title", content: "snippet" }),
      // What Google itself shows as the answer, where it shows one.
      answer: box?.stringMaybe("answer") ?? box?.stringMaybe("snippet"),
    };
  },
});
