import { geminiGenerate } from "../wire/gemini-generate/index.ts";
import { header } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const chat = [
  "gemini-3.5-flash",
  "gemini-3-flash-preview",
  "gemini-2.5-pro",
  "gemini-2.5-flash",
  "gemini-2.5-flash-lite",
  "gemini-2.0-flash",
] as const;

/** Gemini on Vertex AI with an API key (express mode). https://cloud.google.com/vertex-ai/generative-ai/docs/start/express-mode/vertex-ai-express-mode-api-reference */
export const vertex: ProviderDefinition<"vertex", { readonly chat: typeof chat }> = defineProvider({
  name: "vertex",
  reference: "https://cloud.google.com/vertex-ai/generative-ai/docs/start/express-mode/vertex-ai-express-mode-api-reference",
  baseUrl: "https://aiplatform.googleapis.com/v1/publishers/google",
  keyEnv: "VERTEX_API_KEY",
  auth: header("x-goog-api-key"),
  keyRequired: true,
  services: [speaks(geminiGenerate)],
  models: { chat },
});
