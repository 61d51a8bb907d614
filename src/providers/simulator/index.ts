import { openaiChat } from "../../wire/openai-chat/index.ts";
import { openaiEmbeddings } from "../../wire/openai-embeddings/index.ts";
import { openaiImages } from "../../wire/openai-images/index.ts";
import { openaiModerations } from "../../wire/openai-moderations/index.ts";
import { openaiSpeech } from "../../wire/openai-speech/index.ts";
import { openaiTranscriptions } from "../../wire/openai-transcriptions/index.ts";
import { rerank } from "../../wire/rerank/index.ts";
import { webFetch as webFetchWire } from "../../wire/web-fetch/index.ts";
import { webSearch as webSearchWire } from "../../wire/web-search/index.ts";
import { bearer } from "../auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "../provider.ts";
import { FAULT_HEADER } from "./fault.ts";
import { IMAGE_SIZES } from "./image.ts";
import { SimulatorSession } from "./session.ts";
import { mannerOf, SIMULATOR_SETTINGS, type SimulatorSettings } from "./settings.ts";
import { VOICES } from "./speech.ts";

/** Of the failing ones only some: others of the same build work as well, such as `fail-502`, `fail-cut-after-10`, `flaky-5`. */
const chat = [
  "writer",
  "echo",
  "reasoner",
  "tools",
  "slow",
  "flaky-50",
  "fail-401",
  "fail-404",
  "fail-429",
  "fail-429-retry-after-2",
  "fail-500",
  "fail-503",
  "fail-refuse",
  "fail-reset",
  "fail-stall",
  "fail-stall-after-3",
  "fail-cut",
  "fail-truncate",
  "fail-error-in-stream",
  "fail-error-in-200",
  "fail-empty",
  "fail-blank",
  "fail-html",
  "fail-malformed",
] as const;

const embedding = ["embedder"] as const;
const moderation = ["moderator"] as const;
const speech = ["speaker"] as const;
const transcription = ["listener"] as const;
const reranking = ["reranker"] as const;
/** The failing ones are there to see how a combo goes on. */
const webSearch = ["search", "fail-429", "fail-503"] as const;
const webFetch = ["fetch", "fail-429", "fail-503"] as const;
/** `censor` finds whatever it is asked to draw against its rules. */
const image = [
  "painter",
  "censor",
  "slow",
  "flaky-50",
  "fail-429",
  "fail-500",
  "fail-503",
  "fail-refuse",
  "fail-stall",
  "fail-cut",
  "fail-error-in-200",
  "fail-empty",
] as const;
/** What it can do with images. */
const PAINTER = { sizes: IMAGE_SIZES, capabilities: ["generate", "edit", "mask", "vary", "stream"], fileBytesMax: 25 * 1024 * 1024 };

/**
 * A provider without a model: it answers as OpenAI would, at a set pace, and fails when it is told to.
 * Nothing leaves the process. Names that are not in its catalog write prose, so that it can stand in for any other provider.
 */
export const simulator: ProviderDefinition<
  "simulator",
  {
    readonly chat: typeof chat;
    readonly embedding: typeof embedding;
    readonly moderation: typeof moderation;
    readonly speech: typeof speech;
    readonly transcription: typeof transcription;
    readonly rerank: typeof reranking;
    readonly webSearch: typeof webSearch;
    readonly webFetch: typeof webFetch;
    readonly image: typeof image;
  },
  SimulatorSettings
> = defineProvider({
  name: "simulator",
  reference: "https://platform.openai.com/docs/api-reference/chat",
  // Never called: names under `.invalid` belong to nobody.
  baseUrl: "https://simulator.invalid/v1",
  auth: bearer,
  keyRequired: false,
  services: [
    speaks(openaiChat, {}, [FAULT_HEADER]),
    speaks(openaiEmbeddings, {}, [FAULT_HEADER]),
    speaks(openaiModerations, {}, [FAULT_HEADER]),
    speaks(openaiSpeech, { formats: ["mp3", "wav", "pcm"] }, [FAULT_HEADER]),
    speaks(openaiTranscriptions, {}, [FAULT_HEADER]),
    speaks(rerank, {}, [FAULT_HEADER]),
    speaks(webSearchWire, {}, [FAULT_HEADER]),
    speaks(webFetchWire, {}, [FAULT_HEADER]),
    speaks(openaiImages, {}, [FAULT_HEADER]),
  ],
  models: { chat, embedding, speech, transcription, moderation, rerank: reranking, image, webSearch, webFetch },
  sheets: {
    speaker: { voices: VOICES, formats: ["mp3", "wav", "pcm"], inputCharactersMax: 4096 },
    listener: { formats: ["json", "text", "srt", "verbose_json", "vtt"], fileBytesMax: 25 * 1024 * 1024 },
    embedder: { dimensions: 3072, inputTokensMax: 8192, inputsMax: 2048 },
    painter: PAINTER,
  },
  settings: SIMULATOR_SETTINGS,
  open: ({ clock, random }, settings: SimulatorSettings) => new SimulatorSession({ clock, random, manner: mannerOf(settings) }),
});
