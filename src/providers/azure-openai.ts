import { type TSchema, Type } from "typebox";
import { openaiChat } from "../wire/openai-chat/index.ts";
import { openaiEmbeddings } from "../wire/openai-embeddings/index.ts";
import { openaiImages } from "../wire/openai-images/index.ts";
import { openaiResponses } from "../wire/openai-responses/index.ts";
import { openaiSpeech } from "../wire/openai-speech/index.ts";
import { openaiTranscriptions } from "../wire/openai-transcriptions/index.ts";
import { header } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

/** What the address of an Azure OpenAI resource is made of. */
export interface AzureSettings {
  /** The name of the resource, the first part of its host. */
  readonly resource: string;
}

/** Names of hosts have letters, digits and hyphens; anything else could lead a key elsewhere. */
const SETTINGS: TSchema = Type.Object(
  { resource: Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9-]*$" }) },
  { additionalProperties: false },
);

/**
 * OpenAI's models on Azure, by the v1 API, which needs no `api-version`. A model is the name of a deployment, so only the operator knows them.
 * https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
 */
export const azureOpenai: ProviderDefinition<"azure-openai", Record<never, never>, AzureSettings> = defineProvider({
  name: "azure-openai",
  reference: "https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle",
  baseUrl: "https://{resource}.openai.azure.com/openai/v1",
  keyEnv: "AZURE_OPENAI_API_KEY",
  auth: header("api-key"),
  keyRequired: true,
  services: [
    speaks(openaiChat),
    speaks(openaiResponses, { counts: false }),
    speaks(openaiEmbeddings),
    speaks(openaiImages),
    speaks(openaiSpeech),
    speaks(openaiTranscriptions),
  ],
  models: {},
  settings: SETTINGS,
});
