import { deepgramListen } from "../wire/deepgram-listen/index.ts";
import { deepgramSpeak } from "../wire/deepgram-speak/index.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const speech = ["aura-2-thalia-en", "aura-2-andromeda-en", "aura-2-zeus-en", "aura-2-apollo-en"] as const;
const transcription = ["nova-3", "nova-3-general", "nova-2"] as const;

/** Speech both ways. https://developers.deepgram.com/reference/deepgram-api-overview */
export const deepgram: ProviderDefinition<"deepgram", { readonly speech: typeof speech; readonly transcription: typeof transcription }> =
  defineProvider({
    name: "deepgram",
    reference: "https://developers.deepgram.com/reference/deepgram-api-overview",
    baseUrl: "https://api.deepgram.com/v1",
    keyEnv: "DEEPGRAM_API_KEY",
    auth: { name: "token", headers: (credential) => ({ authorization: `Token ${credential}` }) },
    keyRequired: true,
    services: [speaks(deepgramSpeak), speaks(deepgramListen)],
    models: { speech, transcription },
    // https://developers.deepgram.com/docs/text-to-speech: 2000 characters in one request.
    sheets: Object.fromEntries(speech.map((model) => [model, { inputCharactersMax: 2000 }])),
  });
