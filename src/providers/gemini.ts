import { geminiEmbed } from "../wire/gemini-embed/index.ts";
import { geminiGenerate } from "../wire/gemini-generate/index.ts";
import { geminiImage } from "../wire/gemini-image/index.ts";
import { geminiListen } from "../wire/gemini-listen/index.ts";
import { geminiSpeech } from "../wire/gemini-speech/index.ts";
import { header } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const chat = [
  "gemini-3.5-flash",
  "gemini-3.1-pro-preview",
  "gemini-3-flash-preview",
  "gemini-3-pro-preview",
  "gemini-2.5-pro",
  "gemini-2.5-flash",
  "gemini-2.5-flash-lite",
  "gemini-2.0-flash",
] as const;

const embedding = ["gemini-embedding-001"] as const;

const image = ["gemini-2.5-flash-image", "gemini-3-pro-image-preview", "imagen-4.0-generate-001"] as const;
const speech = ["gemini-2.5-flash-preview-tts", "gemini-2.5-pro-preview-tts"] as const;
const transcription = ["gemini-2.5-flash", "gemini-2.5-pro"] as const;

/** https://ai.google.dev/gemini-api/docs/speech-generation#voices */
const VOICES = [
  ...[
    "Zephyr",
    "Puck",
    "Charon",
    "Kore",
    "Fenrir",
    "Leda",
    "Orus",
    "Aoede",
    "Callirrhoe",
    "Autonoe",
    "Enceladus",
    "Iapetus",
    "Umbriel",
    "Algieba",
    "Despina",
  ],
  ...[
    "Erinome",
    "Algenib",
    "Rasalgethi",
    "Laomedeia",
    "Achernar",
    "Alnilam",
    "Schedar",
    "Gacrux",
    "Pulcherrima",
    "Achird",
    "Zubenelgenubi",
    "Vindemiatrix",
  ],
  ...["Sadachbia", "Sadaltager", "Sulafat"],
];

/** https://ai.google.dev/api/generate-content */
export const gemini: ProviderDefinition<
  "gemini",
  {
    readonly chat: typeof chat;
    readonly embedding: typeof embedding;
    readonly image: typeof image;
    readonly speech: typeof speech;
    readonly transcription: typeof transcription;
  }
> = defineProvider({
  name: "gemini",
  reference: "https://ai.google.dev/api/generate-content",
  baseUrl: "https://generativelanguage.googleapis.com/v1beta",
  keyEnv: "GEMINI_API_KEY",
  auth: header("x-goog-api-key"),
  keyRequired: true,
  services: [speaks(geminiGenerate), speaks(geminiEmbed), speaks(geminiImage), speaks(geminiSpeech), speaks(geminiListen)],
  models: { chat, embedding, image, speech, transcription },
  // https://ai.google.dev/gemini-api/docs/embeddings
  sheets: {
    "gemini-embedding-001": { dimensions: 3072, inputTokensMax: 2048, inputsMax: 100 },
    "gemini-2.5-flash-image": { capabilities: ["generate", "edit"] },
    "gemini-3-pro-image-preview": { capabilities: ["generate", "edit"] },
    "imagen-4.0-generate-001": { capabilities: ["generate"] },
    "gemini-2.5-flash-preview-tts": { voices: VOICES, formats: ["wav", "pcm"] },
    "gemini-2.5-pro-preview-tts": { voices: VOICES, formats: ["wav", "pcm"] },
  },
});
