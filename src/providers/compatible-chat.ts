import { type OpenaiChatDialect, openaiChat } from "../wire/openai-chat/index.ts";
import { type Service, speaks } from "./provider.ts";

/**
 * OpenAI's chat as other vendors have it: with the older name for the limit of tokens, and without what only OpenAI's own models know.
 * @param departures Where a vendor departs from that as well.
 */
export function compatibleChat(departures: Partial<OpenaiChatDialect> = {}): Service {
  return speaks(openaiChat, { tokensField: "max_tokens", developerRole: false, customTools: false, ...departures });
}
