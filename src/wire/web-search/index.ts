import { jsonBody } from "../task-json.ts";
import type { Wire } from "../wire.ts";
import { decodeRequest, encodeResult } from "./client.ts";
import { SCHEMAS } from "./schemas.ts";
import { engineWire, hitsIn } from "./engine.ts";

/** Omni's own format of a search, which its clients speak. As an engine it is another Omni, or the simulator. */
export const webSearch: Wire = engineWire(
  {
    name: "web-search",
    hears: ["answer", "depth", "topic", "since", "country", "domains"],
    resultsMax: 100,
    ask: ({ query, count, answer, depth, topic, since, country, includeDomains, excludeDomains }, model) => ({
      path: "/web/search",
      body: jsonBody({
        model,
        query,
        max_results: count,
        include_answer: answer,
        search_depth: depth,
        topic,
        ...(since !== undefined && { time_range: since }),
        ...(country !== undefined && { country }),
        ...(includeDomains.length > 0 && { include_domains: includeDomains }),
        ...(excludeDomains.length > 0 && { exclude_domains: excludeDomains }),
      }),
    }),
    read: (answer) => ({
      hits: hitsIn(answer, "results", { url: "url", title: "title", content: "content" }),
      answer: answer.stringMaybe("answer"),
    }),
  },
  {
    paths: ["/web/search"],
    sample: { model: "simulator/search", query: "how does a gateway fail over", max_results: 3, include_answer: true },
    schemas: SCHEMAS,
    codec: { decodeRequest, encodeResult },
  },
);
