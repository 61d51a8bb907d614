import { type TSchema, Type } from "typebox";
import { anthropicMessages } from "../wire/anthropic-messages/index.ts";
import { traitsOf } from "../wire/bedrock-converse/traits.ts";
import { google } from "./google-auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

/** Whose project, and where in Google's cloud to ask. */
export interface VertexSettings {
  readonly project: string;
  /** Such as `us-east5`, `europe-west1`. */
  readonly region: string;
}

/** Parts of the host and of the path, so they must not be able to lead a key elsewhere. */
const SETTINGS: TSchema = Type.Object(
  { project: Type.String({ pattern: "^[a-z][a-z0-9-]{4,62}$" }), region: Type.String({ pattern: "^[a-z]+(?:-[a-z]+)*\\d+$" }) },
  { additionalProperties: false },
);

const chat = ["claude-opus-4-5@20251101", "claude-sonnet-4-5@20250929", "claude-haiku-4-5@20251001"] as const;

/**
 * Anthropic's models on Vertex AI. The key is an access token, or the JSON of a service account's key.
 * https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude
 */
export const vertexAnthropic: ProviderDefinition<"vertex-anthropic", { readonly chat: typeof chat }, VertexSettings> = defineProvider({
  name: "vertex-anthropic",
  reference: "https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude",
  baseUrl: "https://{region}-aiplatform.googleapis.com/v1/projects/{project}/locations/{region}",
  keyEnv: "VERTEX_ANTHROPIC_KEY",
  auth: google,
  keyRequired: true,
  services: [
    speaks(anthropicMessages, {
      host: "vertex",
      ofModel: (model) => {
        const { thinking, sampling } = traitsOf(model.replace("@", "-"));
        return { ...(thinking === "budget" && { thinking }), ...(!sampling && { sampling }) };
      },
    }),
  ],
  models: { chat },
  settings: SETTINGS,
});
