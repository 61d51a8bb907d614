/** Names of formats, under which their bags and opaque values go; also the names of their folders. This one is Anthropic's. */
export const ANTHROPIC_MESSAGES = "anthropic-messages";

/** OpenAI's chat completions, and what is compatible with them. */
export const OPENAI_CHAT = "openai-chat";

/** OpenAI's Responses. */
export const OPENAI_RESPONSES = "openai-responses";

/** Gemini's generateContent, of Google and of Vertex AI. */
export const GEMINI_GENERATE = "gemini-generate";

/** Cohere's chat, version 2. */
export const COHERE_CHAT = "cohere-chat";

/** Amazon Bedrock's Converse. */
export const BEDROCK_CONVERSE = "bedrock-converse";

/** Ollama's own chat. */
export const OLLAMA_CHAT = "ollama-chat";
