import { elevenlabsSpeech } from "../wire/elevenlabs-speech/index.ts";
import { elevenlabsTranscription } from "../wire/elevenlabs-transcription/index.ts";
import { header } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const speech = ["eleven_v3", "eleven_multilingual_v2", "eleven_turbo_v2_5", "eleven_flash_v2_5"] as const;
const transcription = ["scribe_v1", "scribe_v2"] as const;

/** Speech both ways. Voices are ids, of which a customer has some of its own, so they are not checked here. https://elevenlabs.io/docs/api-reference/introduction */
export const elevenlabs: ProviderDefinition<
  "elevenlabs",
  { readonly speech: typeof speech; readonly transcription: typeof transcription }
> = defineProvider({
  name: "elevenlabs",
  reference: "https://elevenlabs.io/docs/api-reference/introduction",
  baseUrl: "https://api.elevenlabs.io/v1",
  keyEnv: "ELEVENLABS_API_KEY",
  auth: header("xi-api-key"),
  keyRequired: true,
  services: [speaks(elevenlabsSpeech), speaks(elevenlabsTranscription)],
  models: { speech, transcription },
  // https://elevenlabs.io/docs/models
  sheets: {
    eleven_v3: { inputCharactersMax: 5000 },
    eleven_multilingual_v2: { inputCharactersMax: 10_000 },
    eleven_turbo_v2_5: { inputCharactersMax: 40_000 },
    eleven_flash_v2_5: { inputCharactersMax: 40_000 },
  },
});
