import { OPENAI_REQUEST_HEADERS, OPENAI_RESPONSE_HEADERS } from "../openai-chat/index.ts";
import { taskWire } from "../task-wire.ts";
import type { Wire } from "../wire.ts";
import { decodeRequest, encodeResult } from "./client.ts";
import { type OpenaiModerationsDialect, perform } from "./provider.ts";
import { SCHEMAS } from "./schemas.ts";

export type { OpenaiModerationsDialect } from "./provider.ts";

/** OpenAI's moderations. https://platform.openai.com/docs/api-reference/moderations */
export const openaiModerations: Wire<OpenaiModerationsDialect> = taskWire<"moderation", OpenaiModerationsDialect>({
  name: "openai-moderations",
  operation: "moderation",
  client: {
    paths: ["/moderations"],
    sample: { model: "simulator/moderator", input: "I will water the flowers." },
    schemas: SCHEMAS,
    codec: { decodeRequest, encodeResult },
  },
  provider: (departures) => ({
    requestHeaders: OPENAI_REQUEST_HEADERS,
    responseHeaders: OPENAI_RESPONSE_HEADERS,
    codec: { perform: (request, context) => perform(request, context, departures) },
  }),
});
