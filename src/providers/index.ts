import { anthropic } from "./anthropic.ts";
import { openai } from "./openai.ts";
import { openaiCompatible } from "./openai-compatible.ts";
import { simulator } from "./simulator/index.ts";

/** Every provider that a configuration can name. Its position means nothing. */
export const PROVIDERS: readonly [typeof anthropic, typeof openai, typeof openaiCompatible, typeof simulator] = [
  anthropic,
  openai,
  openaiCompatible,
  simulator,
];
