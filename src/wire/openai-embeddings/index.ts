import { OPENAI_REQUEST_HEADERS, OPENAI_RESPONSE_HEADERS } from "../openai-chat/index.ts";
import { taskWire } from "../task-wire.ts";
import type { Wire } from "../wire.ts";
import { decodeRequest, encodeResult } from "./client.ts";
import { type OpenaiEmbeddingsDialect, perform } from "./provider.ts";
import { SCHEMAS } from "./schemas.ts";

export type { OpenaiEmbeddingsDialect } from "./provider.ts";

/** OpenAI's embeddings, which most providers speak. https://platform.openai.com/docs/api-reference/embeddings */
export const openaiEmbeddings: Wire<OpenaiEmbeddingsDialect> = taskWire<"embedding", OpenaiEmbeddingsDialect>({
  name: "openai-embeddings",
  operation: "embedding",
  client: {
    paths: ["/embeddings"],
    sample: { model: "simulator/embedder", input: ["first text", "second text"] },
    schemas: SCHEMAS,
    codec: { decodeRequest, encodeResult },
  },
  provider: (departures) => ({
    requestHeaders: OPENAI_REQUEST_HEADERS,
    responseHeaders: OPENAI_RESPONSE_HEADERS,
    codec: { perform: (request, context) => perform(request, context, departures) },
  }),
});
