import type { EmbeddingEvent, EmbeddingRequest, EmbeddingResult } from "./embedding.ts";
import type { ImageEvent, ImageRequest, ImageResult } from "./image.ts";
import type { ModerationEvent, ModerationRequest, ModerationResult } from "./moderation.ts";
import type { RerankEvent, RerankRequest, RerankResult } from "./rerank.ts";
import type { SpeechEvent, SpeechRequest, SpeechResult } from "./speech.ts";
import type { Task } from "./task.ts";
import type { TranscriptionEvent, TranscriptionRequest, TranscriptionResult } from "./transcription.ts";
import type { WebFetchEvent, WebFetchRequest, WebFetchResult } from "./web-fetch.ts";
import type { WebSearchEvent, WebSearchRequest, WebSearchResult } from "./web-search.ts";

/**
 * The kinds of work besides chat, in the words of the IR: what is asked, what comes of it, and what a streamed answer is made of. One more is one more
 * line here, one in `OPERATIONS`, and one file beside this one.
 */
export interface Tasks {
  readonly embedding: Task<EmbeddingRequest, EmbeddingResult, EmbeddingEvent>;
  readonly speech: Task<SpeechRequest, SpeechResult, SpeechEvent>;
  readonly transcription: Task<TranscriptionRequest, TranscriptionResult, TranscriptionEvent>;
  readonly image: Task<ImageRequest, ImageResult, ImageEvent>;
  readonly moderation: Task<ModerationRequest, ModerationResult, ModerationEvent>;
  readonly rerank: Task<RerankRequest, RerankResult, RerankEvent>;
  readonly webSearch: Task<WebSearchRequest, WebSearchResult, WebSearchEvent>;
  readonly webFetch: Task<WebFetchRequest, WebFetchResult, WebFetchEvent>;
}

/** One kind of work that the gateway carries, as lists of models in the configuration are called. */
export type Operation = "chat" | keyof Tasks;

/** Every kind of work. */
export const OPERATIONS: readonly Operation[] = [
  "chat",
  "embedding",
  "image",
  "speech",
  "transcription",
  "moderation",
  "rerank",
  "webSearch",
  "webFetch",
];
