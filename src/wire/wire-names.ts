/** Names of formats, under which their bags and opaque values go; also the names of their folders. */
export const ANTHROPIC_MESSAGES = "anthropic-messages";
export const OPENAI_CHAT = "openai-chat";
export const OPENAI_RESPONSES = "openai-responses";
