import { OPENAI_REQUEST_HEADERS, OPENAI_RESPONSE_HEADERS } from "../openai-chat/index.ts";
import { taskWire } from "../task-wire.ts";
import type { Wire } from "../wire.ts";
import { clientHalf } from "./client.ts";
import { type OpenaiTranscriptionsDialect, perform } from "./provider.ts";

export type { OpenaiTranscriptionsDialect } from "./provider.ts";

/** OpenAI's transcriptions. https://platform.openai.com/docs/api-reference/audio/createTranscription */
export const openaiTranscriptions: Wire<OpenaiTranscriptionsDialect> = taskWire<"transcription", OpenaiTranscriptionsDialect>({
  name: "openai-transcriptions",
  operation: "transcription",
  client: { paths: ["/audio/transcriptions"], ...clientHalf("transcribe") },
  provider: (departures) => ({
    requestHeaders: OPENAI_REQUEST_HEADERS,
    responseHeaders: OPENAI_RESPONSE_HEADERS,
    codec: { perform: (request, context) => perform(request, context, departures) },
  }),
});

/** The same into English. Providers' half is that of transcriptions. https://platform.openai.com/docs/api-reference/audio/createTranslation */
export const openaiTranslations: Wire = taskWire<"transcription">({
  name: "openai-translations",
  operation: "transcription",
  client: { paths: ["/audio/translations"], ...clientHalf("translate") },
});
