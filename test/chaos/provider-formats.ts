/** What every good answer of this suite says: three pieces, with letters of one, two, three and four bytes. */
export const WORDS: readonly string[] = ["alpha ", "brävo ✓ ", "charlie 🙂"];
export const TEXT: string = WORDS.join("");

/** A format as a provider writes it: a good answer, and the ways in which it says that something is wrong. */
export interface ProviderFormat {
  readonly wire: string;
  /** The factory of `provider` in a configuration. */
  readonly kind: string;
  /** Where requests arrive, below the base URL. */
  readonly isPath: RegExp;
  readonly streamType: string;
  /** A whole good answer. */
  readonly whole: string;
  /** A whole answer with nothing in it. */
  readonly hollow: string;
  /** A good stream, event by event. Those before `first` have no content; those from `end` on are the format's own end. */
  readonly events: readonly string[];
  readonly first: number;
  readonly end: number;
  /** Whether its end can be told from its last event alone, whatever becomes of the connection after it. */
  readonly endsItself: boolean;
  /** An event that means nothing. */
  readonly ping: string;
  /** An error as the body of a refusal, or of a 200. */
  errorBody(status: number, message: string, name?: string): string;
  /** An error as an event of a stream. */
  errorEvent(status: number, message: string): string;
}

const sse = (data: object, name?: string): string => `${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;
const usage = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 };
const chunk = (delta: object, finish: string | null = null): string =>
  sse({ id: "c1", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] });
const openaiError = (status: number, message: string, name = "failed"): object => ({
  error: { message, type: status >= 500 ? "server_error" : "invalid_request_error", param: null, code: name },
});

const chat: ProviderFormat = {
  wire: "openai-chat",
  kind: "openaiCompatible",
  isPath: /\/chat\/completions$/,
  streamType: "text/event-stream",
  whole: JSON.stringify({
    id: "c1",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content: TEXT }, finish_reason: "stop" }],
    usage,
  }),
  hollow: JSON.stringify({ id: "c1", object: "chat.completion", created: 1, model: "m", choices: [] }),
  events: [
    chunk({ role: "assistant", content: "" }),
    ...WORDS.map((content) => chunk({ content })),
    chunk({}, "stop"),
    sse({ id: "c1", object: "chat.completion.chunk", created: 1, model: "m", choices: [], usage }),
    "data: [DONE]\n\n",
  ],
  first: 1,
  end: 4,
  endsItself: true,
  ping: ": ping\n\n",
  errorBody: (status, message, name) => JSON.stringify(openaiError(status, message, name)),
  errorEvent: (status, message) => sse(openaiError(status, message, status === 429 ? "rate_limit_exceeded" : "server_error")),
};

const responsesHead = {
  id: "resp_1",
  object: "response",
  created_at: 1,
  model: "m",
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: {},
  parallel_tool_calls: true,
  temperature: 1,
  tool_choice: "auto",
  tools: [],
  top_p: 1,
};
const outputText = { type: "output_text", text: TEXT, annotations: [] };
const outputMessage = { id: "msg_1", type: "message", status: "completed", role: "assistant", content: [outputText] };
const responsesUsage = {
  input_tokens: 5,
  output_tokens: 3,
  total_tokens: 8,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens_details: { reasoning_tokens: 0 },
};
const doneResponse = { ...responsesHead, status: "completed", output: [outputMessage], usage: responsesUsage };
let sequence = 0;
const responseEvent = (type: string, more: object): string => sse({ type, sequence_number: sequence++, ...more }, type);
const place = { item_id: "msg_1", output_index: 0, content_index: 0 };

const responses: ProviderFormat = {
  wire: "openai-responses",
  kind: "openai",
  isPath: /\/responses$/,
  streamType: "text/event-stream",
  whole: JSON.stringify(doneResponse),
  hollow: "{}",
  events: [
    responseEvent("response.created", { response: { ...responsesHead, status: "in_progress", output: [], usage: null } }),
    responseEvent("response.output_item.added", { output_index: 0, item: { ...outputMessage, status: "in_progress", content: [] } }),
    responseEvent("response.content_part.added", { ...place, part: { ...outputText, text: "" } }),
    ...WORDS.map((delta) => responseEvent("response.output_text.delta", { ...place, delta, logprobs: [] })),
    responseEvent("response.output_text.done", { ...place, text: TEXT, logprobs: [] }),
    responseEvent("response.content_part.done", { ...place, part: outputText }),
    responseEvent("response.output_item.done", { output_index: 0, item: outputMessage }),
    responseEvent("response.completed", { response: doneResponse }),
  ],
  first: 3,
  end: 9,
  endsItself: true,
  ping: ": ping\n\n",
  errorBody: (status, message, name) => JSON.stringify(openaiError(status, message, name)),
  errorEvent: (status, message) =>
    sse(
      { type: "error", sequence_number: 9, code: status === 429 ? "rate_limit_exceeded" : "server_error", message, param: null },
      "error",
    ),
};

const messagesError = (status: number, message: string, name?: string): object => {
  const type = name ?? (status === 429 ? "rate_limit_error" : status === 529 ? "overloaded_error" : "api_error");
  return { type: "error", error: { type, message }, request_id: "req_1" };
};
const messageEvent = (type: string, more: object): string => sse({ type, ...more }, type);

const messages: ProviderFormat = {
  wire: "anthropic-messages",
  kind: "anthropic",
  isPath: /\/messages$/,
  streamType: "text/event-stream",
  whole: JSON.stringify({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "m",
    content: [{ type: "text", text: TEXT }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 5, output_tokens: 3 },
  }),
  hollow: "{}",
  events: [
    messageEvent("message_start", {
      message: {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: "m",
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 5, output_tokens: 1 },
      },
    }),
    messageEvent("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
    ...WORDS.map((text) => messageEvent("content_block_delta", { index: 0, delta: { type: "text_delta", text } })),
    messageEvent("content_block_stop", { index: 0 }),
    messageEvent("message_delta", { delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 3 } }),
    messageEvent("message_stop", {}),
  ],
  first: 2,
  end: 7,
  endsItself: true,
  ping: 'event: ping\ndata: {"type":"ping"}\n\n',
  errorBody: (status, message, name) => JSON.stringify(messagesError(status, message, name)),
  errorEvent: (status, message) => sse(messagesError(status, message), "error"),
};

const candidate = (text: string, more: object = {}): object => ({
  candidates: [{ index: 0, content: { role: "model", parts: [{ text }] }, ...more }],
  usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 3, totalTokenCount: 8 },
  modelVersion: "m",
  responseId: "r1",
});
const googleError = (code: number, message: string, status = code === 429 ? "RESOURCE_EXHAUSTED" : "UNAVAILABLE"): object => ({
  error: { code, message, status },
});

const generate: ProviderFormat = {
  wire: "gemini-generate",
  kind: "gemini",
  isPath: /\/models\/m:(?:streamGenerateContent\?alt=sse|generateContent)$/,
  streamType: "text/event-stream",
  whole: JSON.stringify(candidate(TEXT, { finishReason: "STOP" })),
  hollow: "{}",
  events: [
    ...WORDS.map((text) => `data: ${JSON.stringify(candidate(text))}\r\n\r\n`),
    `data: ${JSON.stringify(candidate("", { finishReason: "STOP" }))}\r\n\r\n`,
  ],
  first: 0,
  end: 3,
  endsItself: false,
  ping: ": ping\r\n\r\n",
  errorBody: (status, message, name) => JSON.stringify(googleError(status, message, name)),
  errorEvent: (status, message) => `data: ${JSON.stringify(googleError(status, message))}\r\n\r\n`,
};

const line = (content: string, more: object = { done: false }): string =>
  `${JSON.stringify({ model: "m", created_at: "2026-01-01T00:00:00Z", message: { role: "assistant", content }, ...more })}\n`;
const counts = {
  done: true,
  done_reason: "stop",
  total_duration: 9,
  load_duration: 1,
  prompt_eval_count: 5,
  prompt_eval_duration: 1,
  eval_count: 3,
  eval_duration: 1,
};

const ollama: ProviderFormat = {
  wire: "ollama-chat",
  kind: "ollama",
  isPath: /\/api\/chat$/,
  streamType: "application/x-ndjson",
  whole: line(TEXT, counts).trim(),
  hollow: "{}",
  events: [...WORDS.map((content) => line(content)), line("", counts)],
  first: 0,
  end: 3,
  endsItself: true,
  ping: "\n",
  errorBody: (_, message) => JSON.stringify({ error: message }),
  errorEvent: (_, message) => `${JSON.stringify({ error: message })}\n`,
};

/** All formats that providers of the matrix speak. */
export const PROVIDER_FORMATS: readonly ProviderFormat[] = [chat, responses, messages, generate, ollama];
