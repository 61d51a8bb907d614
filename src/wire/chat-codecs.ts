import { decodeRequest as decodeAnthropicRequest } from "./anthropic-messages/decode-request.ts";
import { decodeResponse as decodeAnthropicResponse } from "./anthropic-messages/decode-response.ts";
import { AnthropicStreamDecoder } from "./anthropic-messages/decode-stream.ts";
import { type AnthropicDepartures, encodeRequest as encodeAnthropicRequest } from "./anthropic-messages/encode-request.ts";
import { encodeResponse as encodeAnthropicResponse } from "./anthropic-messages/encode-response.ts";
import { AnthropicStreamEncoder } from "./anthropic-messages/encode-stream.ts";
import type { ChatCodec } from "./chat-codec.ts";
import { decodeRequest as decodeChatRequest } from "./openai-chat/decode-request.ts";
import { decodeResponse as decodeChatResponse } from "./openai-chat/decode-response.ts";
import { OpenAIChatStreamDecoder } from "./openai-chat/decode-stream.ts";
import { encodeRequest as encodeChatRequest, type OpenAIChatDepartures } from "./openai-chat/encode-request.ts";
import { encodeResponse as encodeChatResponse } from "./openai-chat/encode-response.ts";
import { OpenAIChatStreamEncoder } from "./openai-chat/encode-stream.ts";
import { decodeRequest as decodeResponsesRequest, keptByVendor } from "./openai-responses/decode-request.ts";
import { decodeResponse as decodeResponsesResponse } from "./openai-responses/decode-response.ts";
import { ResponsesStreamDecoder } from "./openai-responses/decode-stream.ts";
import { encodeRequest as encodeResponsesRequest, type ResponsesDepartures } from "./openai-responses/encode-request.ts";
import { encodeResponse as encodeResponsesResponse } from "./openai-responses/encode-response.ts";
import { ResponsesStreamEncoder } from "./openai-responses/encode-stream.ts";
import { ANTHROPIC_MESSAGES, OPENAI_CHAT, OPENAI_RESPONSES } from "./wire-names.ts";

/** OpenAI's chat format. https://platform.openai.com/docs/api-reference/chat */
export const openaiChatCodec: ChatCodec<OpenAIChatDepartures> = {
  wire: OPENAI_CHAT,
  decodeRequest: decodeChatRequest,
  encodeRequest: encodeChatRequest,
  decodeResponse: decodeChatResponse,
  encodeResponse: encodeChatResponse,
  decodeStream: () => new OpenAIChatStreamDecoder(),
  encodeStream: (context) => new OpenAIChatStreamEncoder(context),
};

/** Anthropic's Messages format. https://platform.claude.com/docs/en/api/messages */
export const anthropicMessagesCodec: ChatCodec<AnthropicDepartures> = {
  wire: ANTHROPIC_MESSAGES,
  decodeRequest: decodeAnthropicRequest,
  encodeRequest: encodeAnthropicRequest,
  decodeResponse: decodeAnthropicResponse,
  encodeResponse: encodeAnthropicResponse,
  decodeStream: () => new AnthropicStreamDecoder(),
  encodeStream: (context) => new AnthropicStreamEncoder(context),
};

/** OpenAI's Responses format. https://platform.openai.com/docs/api-reference/responses */
export const openaiResponsesCodec: ChatCodec<ResponsesDepartures> = {
  wire: OPENAI_RESPONSES,
  decodeRequest: decodeResponsesRequest,
  keptByVendor,
  encodeRequest: encodeResponsesRequest,
  decodeResponse: decodeResponsesResponse,
  encodeResponse: encodeResponsesResponse,
  decodeStream: () => new ResponsesStreamDecoder(),
  encodeStream: (context) => new ResponsesStreamEncoder(context),
};

/** All of them; suites run over this list. */
export const CHAT_CODECS: readonly ChatCodec[] = [openaiChatCodec, anthropicMessagesCodec, openaiResponsesCodec];
