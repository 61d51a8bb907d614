import type { ModelSheet } from "../ir/model-sheet.ts";
import { openaiChat } from "../wire/openai-chat/index.ts";
import { openaiEmbeddings } from "../wire/openai-embeddings/index.ts";
import { openaiImages } from "../wire/openai-images/index.ts";
import { openaiModerations } from "../wire/openai-moderations/index.ts";
import { openaiResponses } from "../wire/openai-responses/index.ts";
import { openaiSpeech } from "../wire/openai-speech/index.ts";
import { openaiTranscriptions } from "../wire/openai-transcriptions/index.ts";
import { bearer } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const chat = [
  "gpt-5.6",
  "gpt-5.6-sol",
  "gpt-5.6-terra",
  "gpt-5.6-luna",
  "gpt-5.5",
  "gpt-5.4",
  "gpt-5.4-mini",
  "gpt-5.4-nano",
  "gpt-5.2",
  "gpt-5.1",
  "gpt-5",
  "gpt-5-mini",
  "gpt-5-nano",
  "gpt-4.1",
  "gpt-4.1-mini",
  "gpt-4.1-nano",
  "gpt-4o",
  "gpt-4o-mini",
  "gpt-4o-audio-preview",
  "gpt-4o-mini-search-preview",
  "o4-mini",
  "o3",
  "gpt-3.5-turbo",
] as const;

const embedding = ["text-embedding-3-large", "text-embedding-3-small", "text-embedding-ada-002"] as const;

const moderation = ["omni-moderation-latest", "text-moderation-latest"] as const;

const speech = ["gpt-4o-mini-tts", "tts-1", "tts-1-hd"] as const;
const transcription = ["gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-4o-transcribe-diarize", "whisper-1"] as const;

/** https://platform.openai.com/docs/guides/text-to-speech#voice-options */
const VOICES = ["alloy", "ash", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer"];
const VOICES_NEWER = [...VOICES, "ballad", "cedar", "marin", "verse"];
/** https://platform.openai.com/docs/guides/speech-to-text */
const RECORDING_BYTES_MAX = 25 * 1024 * 1024;
const image = ["gpt-image-2", "gpt-image-1.5", "gpt-image-1", "gpt-image-1-mini", "chatgpt-image-latest", "dall-e-3", "dall-e-2"] as const;

const GPT_IMAGE_SIZES = ["1024x1024", "1536x1024", "1024x1536", "auto"];

/** What all models of that family can do. https://platform.openai.com/docs/guides/image-generation */
const GPT_IMAGE: ModelSheet = {
  capabilities: ["generate", "edit", "mask", "stream"],
  inputCharactersMax: 32_000,
  inputsMax: 16,
  formats: ["png", "jpeg", "webp"],
  fileBytesMax: 50 * 1024 * 1024,
};

/** https://platform.openai.com/docs/api-reference */
export const openai: ProviderDefinition<
  "openai",
  {
    readonly chat: typeof chat;
    readonly embedding: typeof embedding;
    readonly moderation: typeof moderation;
    readonly speech: typeof speech;
    readonly transcription: typeof transcription;
    readonly image: typeof image;
  }
> = defineProvider({
  name: "openai",
  reference: "https://platform.openai.com/docs/api-reference",
  baseUrl: "https://api.openai.com/v1",
  keyEnv: "OPENAI_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [
    speaks(openaiChat),
    speaks(openaiResponses, { compacts: true }),
    speaks(openaiEmbeddings),
    speaks(openaiModerations),
    speaks(openaiSpeech),
    speaks(openaiTranscriptions),
    speaks(openaiImages),
  ],
  models: { chat, embedding, speech, transcription, moderation, image },
  // https://platform.openai.com/docs/guides/embeddings
  sheets: {
    "gpt-4o-mini-tts": { voices: VOICES_NEWER, inputCharactersMax: 4096 },
    "tts-1": { voices: VOICES, inputCharactersMax: 4096 },
    "tts-1-hd": { voices: VOICES, inputCharactersMax: 4096 },
    "gpt-4o-transcribe": { formats: ["json"], fileBytesMax: RECORDING_BYTES_MAX },
    "gpt-4o-mini-transcribe": { formats: ["json"], fileBytesMax: RECORDING_BYTES_MAX },
    "gpt-4o-transcribe-diarize": { formats: ["json", "text", "diarized_json"], fileBytesMax: RECORDING_BYTES_MAX },
    "whisper-1": { formats: ["json", "text", "srt", "verbose_json", "vtt"], fileBytesMax: RECORDING_BYTES_MAX },
    "text-embedding-3-large": { dimensions: 3072, inputTokensMax: 8192, inputsMax: 2048 },
    "text-embedding-3-small": { dimensions: 1536, inputTokensMax: 8192, inputsMax: 2048 },
    "text-embedding-ada-002": { dimensions: 1536, inputTokensMax: 8192, inputsMax: 2048 },
    "gpt-image-2": GPT_IMAGE,
    "gpt-image-1.5": { ...GPT_IMAGE, sizes: GPT_IMAGE_SIZES },
    "gpt-image-1": { ...GPT_IMAGE, sizes: GPT_IMAGE_SIZES },
    "gpt-image-1-mini": { ...GPT_IMAGE, sizes: GPT_IMAGE_SIZES },
    "chatgpt-image-latest": GPT_IMAGE,
    "dall-e-3": { sizes: ["1024x1024", "1792x1024", "1024x1792"], capabilities: ["generate"], imagesMax: 1, inputCharactersMax: 4000 },
    "dall-e-2": {
      sizes: ["256x256", "512x512", "1024x1024"],
      capabilities: ["generate", "edit", "mask", "vary"],
      inputCharactersMax: 1000,
      inputsMax: 1,
      formats: ["png"],
      fileBytesMax: 4 * 1024 * 1024,
    },
  },
});
