import { assemblyaiTranscription } from "../wire/assemblyai-transcription/index.ts";
import { header } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const transcription = ["universal", "slam-1", "universal-3-pro", "universal-2"] as const;

/** Transcriptions. https://www.assemblyai.com/docs/api-reference/overview */
export const assemblyai: ProviderDefinition<"assemblyai", { readonly transcription: typeof transcription }> = defineProvider({
  name: "assemblyai",
  reference: "https://www.assemblyai.com/docs/api-reference/overview",
  baseUrl: "https://api.assemblyai.com/v2",
  keyEnv: "ASSEMBLYAI_API_KEY",
  auth: header("authorization"),
  keyRequired: true,
  services: [speaks(assemblyaiTranscription)],
  models: { transcription },
});
