import { cartesiaSpeech } from "../wire/cartesia-speech/index.ts";
import { bearer } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const speech = ["sonic-3", "sonic-2", "sonic-turbo"] as const;

/** Speech. Voices are ids. https://docs.cartesia.ai/api-reference/tts/bytes */
export const cartesia: ProviderDefinition<"cartesia", { readonly speech: typeof speech }> = defineProvider({
  name: "cartesia",
  reference: "https://docs.cartesia.ai/api-reference/tts/bytes",
  baseUrl: "https://api.cartesia.ai",
  keyEnv: "CARTESIA_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [speaks(cartesiaSpeech)],
  models: { speech },
});
