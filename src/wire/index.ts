import { anthropicMessages } from "./anthropic-messages/index.ts";
import { assemblyaiTranscription } from "./assemblyai-transcription/index.ts";
import { bedrockConverse } from "./bedrock-converse/index.ts";
import { bedrockEmbed } from "./bedrock-embed/index.ts";
import { cartesiaSpeech } from "./cartesia-speech/index.ts";
import { chatJudge } from "./chat-judge/index.ts";
import { cohereChat } from "./cohere-chat/index.ts";
import { cohereEmbed } from "./cohere-embed/index.ts";
import { deepgramListen } from "./deepgram-listen/index.ts";
import { deepgramSpeak } from "./deepgram-speak/index.ts";
import { elevenlabsSpeech } from "./elevenlabs-speech/index.ts";
import { elevenlabsTranscription } from "./elevenlabs-transcription/index.ts";
import { geminiEmbed } from "./gemini-embed/index.ts";
import { geminiGenerate } from "./gemini-generate/index.ts";
import { geminiImage } from "./gemini-image/index.ts";
import { geminiListen } from "./gemini-listen/index.ts";
import { geminiSpeech } from "./gemini-speech/index.ts";
import { ollamaChat } from "./ollama-chat/index.ts";
import { ollamaEmbed } from "./ollama-embed/index.ts";
import { openaiChat } from "./openai-chat/index.ts";
import { openaiEmbeddings } from "./openai-embeddings/index.ts";
import { openaiImageEdits, openaiImages, openaiImageVariations } from "./openai-images/index.ts";
import { openaiModerations } from "./openai-moderations/index.ts";
import { openaiResponses } from "./openai-responses/index.ts";
import { openaiSpeech } from "./openai-speech/index.ts";
import { openaiTranscriptions, openaiTranslations } from "./openai-transcriptions/index.ts";
import { rerank } from "./rerank/index.ts";
import { firecrawlScrape } from "./web-fetch/firecrawl.ts";
import { webFetch } from "./web-fetch/index.ts";
import { jinaReader } from "./web-fetch/jina.ts";
import { tavilyExtract } from "./web-fetch/tavily.ts";
import { braveSearch } from "./web-search/brave.ts";
import { exaSearch } from "./web-search/exa.ts";
import { firecrawlSearch } from "./web-search/firecrawl.ts";
import { webSearch } from "./web-search/index.ts";
import { linkupSearch } from "./web-search/linkup.ts";
import { perplexitySearch } from "./web-search/perplexity.ts";
import { searxngSearch } from "./web-search/searxng.ts";
import { serperSearch } from "./web-search/serper.ts";
import { tavilySearch } from "./web-search/tavily.ts";
import { youSearch } from "./web-search/you.ts";
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
  openaiSpeech,
  openaiTranscriptions,
  openaiTranslations,
  deepgramSpeak,
  elevenlabsSpeech,
  cartesiaSpeech,
  geminiSpeech,
  deepgramListen,
  elevenlabsTranscription,
  assemblyaiTranscription,
  geminiListen,
  webSearch,
  tavilySearch,
  exaSearch,
  braveSearch,
  serperSearch,
  searxngSearch,
  perplexitySearch,
  youSearch,
  linkupSearch,
  firecrawlSearch,
  webFetch,
  jinaReader,
  firecrawlScrape,
  tavilyExtract,
  openaiImages,
  openaiImageEdits,
  openaiImageVariations,
  geminiImage,
];
