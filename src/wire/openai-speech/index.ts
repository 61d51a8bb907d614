import { OPENAI_REQUEST_HEADERS, OPENAI_RESPONSE_HEADERS } from "../openai-chat/index.ts";
import { taskWire } from "../task-wire.ts";
import type { Wire } from "../wire.ts";
import { decodeRequest, encodeResult, encodeStream, readHead, unfold } from "./client.ts";
import { type OpenaiSpeechDialect, perform } from "./provider.ts";
import { SCHEMAS } from "./schemas.ts";

export type { OpenaiSpeechDialect } from "./provider.ts";

/** OpenAI's speech. https://platform.openai.com/docs/api-reference/audio/createSpeech */
export const openaiSpeech: Wire<OpenaiSpeechDialect> = taskWire<"speech", OpenaiSpeechDialect>({
  name: "openai-speech",
  operation: "speech",
  client: {
    paths: ["/audio/speech"],
    sample: { model: "simulator/speaker", input: "Hello from Omni.", voice: "alloy", response_format: "wav" },
    schemas: SCHEMAS,
    readHead,
    codec: { decodeRequest, encodeResult, encodeStream, unfold },
  },
  provider: (departures) => ({
    requestHeaders: OPENAI_REQUEST_HEADERS,
    responseHeaders: OPENAI_RESPONSE_HEADERS,
    codec: { perform: (request, context) => perform(request, context, departures) },
  }),
});
