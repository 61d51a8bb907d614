import { openai } from "./openai.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Every provider that a configuration can name. Its position means nothing. */
export const PROVIDERS: readonly [typeof openai, typeof openaiCompatible] = [openai, openaiCompatible];
