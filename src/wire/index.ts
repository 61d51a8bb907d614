import { anthropicMessages } from "./anthropic-messages/index.ts";
import { bedrockConverse } from "./bedrock-converse/index.ts";
import { bedrockEmbed } from "./bedrock-embed/index.ts";
import { chatJudge } from "./chat-judge/index.ts";
import { cohereChat } from "./cohere-chat/index.ts";
import { cohereEmbed } from "./cohere-embed/index.ts";
import { geminiEmbed } from "./gemini-embed/index.ts";
import { geminiGenerate } from "./gemini-generate/index.ts";
import { ollamaChat } from "./ollama-chat/index.ts";
import { ollamaEmbed } from "./ollama-embed/index.ts";
import { openaiChat } from "./openai-chat/index.ts";
import { openaiEmbeddings } from "./openai-embeddings/index.ts";
import { openaiModerations } from "./openai-moderations/index.ts";
import { openaiResponses } from "./openai-responses/index.ts";
import { rerank } from "./rerank/index.ts";
import type { Wire } from "./wire.ts";

/** All formats, one line each. Suites and the server find them here. */
export const WIRES: readonly Wire[] = [
  openaiChat,
  openaiResponses,
  anthropicMessages,
  geminiGenerate,
  ollamaChat,
  cohereChat,
  bedrockConverse,
  openaiEmbeddings,
  cohereEmbed,
  geminiEmbed,
  ollamaEmbed,
  bedrockEmbed,
  openaiModerations,
  chatJudge,
  rerank,
];
