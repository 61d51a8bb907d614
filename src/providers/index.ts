import { anthropic } from "./anthropic.ts";
import { azureOpenai } from "./azure-openai.ts";
import { cohere } from "./cohere.ts";
import { gemini } from "./gemini.ts";
import { ollama } from "./ollama.ts";
import { openai } from "./openai.ts";
import { openaiCompatible } from "./openai-compatible.ts";
import { simulator } from "./simulator/index.ts";
import { vertex } from "./vertex.ts";

/** Every provider that a configuration can name. Its position means nothing. */
export const PROVIDERS: readonly [
  typeof anthropic,
  typeof azureOpenai,
  typeof cohere,
  typeof gemini,
  typeof ollama,
  typeof openai,
  typeof openaiCompatible,
  typeof simulator,
  typeof vertex,
] = [anthropic, azureOpenai, cohere, gemini, ollama, openai, openaiCompatible, simulator, vertex];
