import { openaiSpeech } from "../wire/openai-speech/index.ts";
import { openaiTranscriptions } from "../wire/openai-transcriptions/index.ts";
import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const chat = [
  "openai/gpt-oss-120b",
  "llama-3.3-70b-versatile",
  "qwen/qwen3-32b",
  "moonshotai/kimi-k2-instruct-0905",
  "meta-llama/llama-4-scout-17b-16e-instruct",
  "meta-llama/llama-4-maverick-17b-128e-instruct",
] as const;

const speech = ["playai-tts", "canopylabs/orpheus-v1-english"] as const;
const transcription = ["whisper-large-v3", "whisper-large-v3-turbo"] as const;

/** Open models on chips of its own. https://console.groq.com/docs/openai */
export const groq: ProviderDefinition<
  "groq",
  { readonly chat: typeof chat; readonly speech: typeof speech; readonly transcription: typeof transcription }
> = defineProvider({
  name: "groq",
  reference: "https://console.groq.com/docs/openai",
  baseUrl: "https://api.groq.com/openai/v1",
  keyEnv: "GROQ_API_KEY",
  auth: bearer,
  keyRequired: true,
  // The page lists what is answered with a 400.
  services: [
    compatibleChat({ omits: ["logprobs", "top_logprobs", "logit_bias"] }),
    // https://console.groq.com/docs/text-to-speech, https://console.groq.com/docs/speech-to-text
    speaks(openaiSpeech, { formats: ["wav"] }),
    speaks(openaiTranscriptions, { formats: ["json", "text", "verbose_json"] }),
  ],
  models: { chat, speech, transcription },
});
