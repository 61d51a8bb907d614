import { taskWire } from "../task-wire.ts";
import type { Wire } from "../wire.ts";
import { decodeRequest, encodeResult } from "./client.ts";
import { perform, type RerankDialect } from "./provider.ts";
import { SCHEMAS } from "./schemas.ts";

export type { RerankDialect } from "./provider.ts";

/** Reranking as Cohere has it, and Jina, Voyage and others nearly the same. https://docs.cohere.com/reference/rerank */
export const rerank: Wire<RerankDialect> = taskWire<"rerank", RerankDialect>({
  name: "rerank",
  operation: "rerank",
  client: {
    paths: ["/rerank"],
    // Cohere's own client puts its version behind whatever address it is given.
    rootPaths: ["/v2/rerank", "/v1/v2/rerank", "/api/v2/rerank", "/api/v1/v2/rerank"],
    sample: { model: "simulator/reranker", query: "How do I water roses?", documents: ["Roses like water.", "The moon is far."], top_n: 1 },
    schemas: SCHEMAS,
    codec: { decodeRequest, encodeResult },
  },
  provider: (departures) => ({
    responseHeaders: ["retry-after", "x-request-id"],
    codec: { perform: (request, context) => perform(request, context, departures) },
  }),
});
