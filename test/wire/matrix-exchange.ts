import type { ChatRequest } from "../../src/ir/chat.ts";
import type { Usage } from "../../src/ir/usage.ts";
import { converseEvent } from "./bedrock-converse/frames.ts";
import { readConverseRequest } from "./bedrock-converse/read-request.ts";
import { readCohereRequest } from "./cohere-chat/read-request.ts";

/**
 * One exchange in the words of each format, as a client of that format and a provider of it would write it: a system message, an image, two tools called
 * at once and their results, reasoning before them, and an answer that reasons, speaks and calls two tools again.
 */
export interface MatrixExchange {
  readonly request: { readonly [key: string]: unknown };
  /** What a client adds to say whether it wants a stream. */
  readonly streamField: (stream: boolean) => object;
  /** What stands behind the path, where the format says something there. */
  readonly rest?: (stream: boolean) => string;
  readonly answer: object;
  readonly stream: string | readonly Uint8Array[];
  /** What stands between two events of a text; without it the stream is given event by event. */
  readonly separator?: string;
  /** What no stream may have in it that was cut off. */
  readonly ending: RegExp;
  /** What the answer used, as far as the format can tell. */
  readonly usage: Usage;
  /** Reads a request of the format, where the product only writes it. */
  readonly read?: (request: object) => ChatRequest;
}

const USAGE: Usage = { inputTokens: 20, inputTokensCached: 100, outputTokens: 40, reasoningTokens: 20 };
const streamTrue = (stream: boolean): object => (stream ? { stream } : {});

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const SCHEMA = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
const TOOLS = [
  { name: "get_weather", description: "Says the weather." },
  { name: "get_time", description: "Says the time." },
] as const;

const sse = (events: readonly { readonly type: string }[]): string =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: "chatcmpl-A1", object: "chat.completion.chunk", created: 1_790_000_000, model: "m-1", choices: [{ index: 0, delta, finish_reason: finish }], usage: null })}\n\n`;

const chatCall = (index: number, id: string, name: string, text: string) => ({
  index,
  id,
  type: "function",
  function: { name, arguments: text },
});

const chat: MatrixExchange = {
  request: {
    model: "asked",
    max_completion_tokens: 2048,
    reasoning_effort: "low",
    tools: TOOLS.map((tool) => ({ type: "function", function: { ...tool, parameters: SCHEMA, strict: true } })),
    tool_choice: "auto",
    messages: [
      { role: "system", content: "You are terse." },
      {
        role: "user",
        content: [
          { type: "text", text: "Which town is this? What is the weather and the time there?" },
          { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}` } },
        ],
      },
      {
        role: "assistant",
        content: "Let me look.",
        reasoning_content: "It is Rome.",
        tool_calls: [
          { id: "call_w1", type: "function", function: { name: "get_weather", arguments: '{"city":"Rome"}' } },
          { id: "call_t1", type: "function", function: { name: "get_time", arguments: '{"city":"Rome"}' } },
        ],
      },
      { role: "tool", tool_call_id: "call_w1", content: "sunny" },
      { role: "tool", tool_call_id: "call_t1", content: "12:00" },
      { role: "user", content: "And in Oslo?" },
    ],
  },
  answer: {
    id: "chatcmpl-A1",
    object: "chat.completion",
    created: 1_790_000_000,
    model: "m-1",
    choices: [
      {
        index: 0,
        finish_reason: "tool_calls",
        message: {
          role: "assistant",
          content: "I ask again: “Oslo”.",
          refusal: null,
          reasoning_content: "Oslo is up north.",
          tool_calls: [
            { id: "call_w2", type: "function", function: { name: "get_weather", arguments: '{"city":"Oslo"}' } },
            { id: "call_t2", type: "function", function: { name: "get_time", arguments: '{"city":"Oslo"}' } },
          ],
        },
      },
    ],
    usage: {
      prompt_tokens: 120,
      completion_tokens: 60,
      total_tokens: 180,
      prompt_tokens_details: { cached_tokens: 100 },
      completion_tokens_details: { reasoning_tokens: 20 },
    },
  },
  stream: [
    chunk({ role: "assistant", content: "" }),
    chunk({ reasoning_content: "Oslo is " }),
    chunk({ reasoning_content: "up north." }),
    chunk({ content: "I ask again: " }),
    chunk({ content: "“Oslo”." }),
    chunk({ tool_calls: [chatCall(0, "call_w2", "get_weather", "")] }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
    chunk({ tool_calls: [chatCall(1, "call_t2", "get_time", "")] }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: '"Oslo"}' } }] }),
    chunk({ tool_calls: [{ index: 1, function: { arguments: '{"city":"Oslo"}' } }] }),
    chunk({}, "tool_calls"),
    `data: ${JSON.stringify({ id: "chatcmpl-A1", object: "chat.completion.chunk", created: 1_790_000_000, model: "m-1", choices: [], usage: { prompt_tokens: 120, completion_tokens: 60, total_tokens: 180, prompt_tokens_details: { cached_tokens: 100 }, completion_tokens_details: { reasoning_tokens: 20 } } })}\n\n`,
    "data: [DONE]\n\n",
  ].join(""),
  streamField: streamTrue,
  separator: "\n\n",
  ending: /"finish_reason":\s*"|^data: \[DONE\]/m,
  usage: USAGE,
};

const MESSAGES_USAGE = {
  input_tokens: 20,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 100,
  output_tokens: 60,
  output_tokens_details: { thinking_tokens: 20 },
};

const messages: MatrixExchange = {
  request: {
    model: "asked",
    max_tokens: 2048,
    thinking: { type: "adaptive" },
    output_config: { effort: "low" },
    tools: TOOLS.map((tool) => ({ ...tool, input_schema: SCHEMA, strict: true })),
    tool_choice: { type: "auto" },
    system: "You are terse.",
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "Which town is this? What is the weather and the time there?" },
          { type: "image", source: { type: "base64", media_type: "image/png", data: PIXEL } },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "It is Rome.", signature: "c2lnbmVk" },
          { type: "text", text: "Let me look." },
          { type: "tool_use", id: "call_w1", name: "get_weather", input: { city: "Rome" } },
          { type: "tool_use", id: "call_t1", name: "get_time", input: { city: "Rome" } },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "call_w1", content: "sunny" },
          { type: "tool_result", tool_use_id: "call_t1", content: [{ type: "text", text: "12:00" }] },
          { type: "text", text: "And in Oslo?" },
        ],
      },
    ],
  },
  answer: {
    id: "msg_A1",
    type: "message",
    role: "assistant",
    model: "m-1",
    content: [
      { type: "thinking", thinking: "Oslo is up north.", signature: "c2lnbmVkIHRvbw==" },
      { type: "text", text: "I ask again: “Oslo”." },
      { type: "tool_use", id: "call_w2", name: "get_weather", input: { city: "Oslo" } },
      { type: "tool_use", id: "call_t2", name: "get_time", input: { city: "Oslo" } },
    ],
    stop_reason: "tool_use",
    stop_sequence: null,
    usage: MESSAGES_USAGE,
  },
  stream: sse([
    {
      type: "message_start",
      message: {
        ...{ id: "msg_A1", type: "message", role: "assistant", model: "m-1", content: [], stop_reason: null, stop_sequence: null },
        usage: { ...MESSAGES_USAGE, output_tokens: 1, output_tokens_details: undefined },
      },
    },
    { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "", signature: "" } },
    { type: "ping" },
    { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "Oslo is " } },
    { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "up north." } },
    { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "c2lnbmVkIHRvbw==" } },
    { type: "content_block_stop", index: 0 },
    { type: "content_block_start", index: 1, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "I ask again: " } },
    { type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "“Oslo”." } },
    { type: "content_block_stop", index: 1 },
    { type: "content_block_start", index: 2, content_block: { type: "tool_use", id: "call_w2", name: "get_weather", input: {} } },
    { type: "content_block_delta", index: 2, delta: { type: "input_json_delta", partial_json: "" } },
    { type: "content_block_delta", index: 2, delta: { type: "input_json_delta", partial_json: '{"city":' } },
    { type: "content_block_delta", index: 2, delta: { type: "input_json_delta", partial_json: '"Oslo"}' } },
    { type: "content_block_stop", index: 2 },
    { type: "content_block_start", index: 3, content_block: { type: "tool_use", id: "call_t2", name: "get_time", input: {} } },
    { type: "content_block_delta", index: 3, delta: { type: "input_json_delta", partial_json: '{"city":"Oslo"}' } },
    { type: "content_block_stop", index: 3 },
    { type: "message_delta", delta: { stop_reason: "tool_use", stop_sequence: null }, usage: MESSAGES_USAGE },
    { type: "message_stop" },
  ] as never),
  streamField: streamTrue,
  separator: "\n\n",
  ending: /"type":"message_stop"/,
  usage: USAGE,
};

const responsesCall = (id: string, callId: string, name: string, text: string, status: string) => ({
  ...{ id, type: "function_call", status, call_id: callId, name, arguments: text },
});
const outputText = (text: string) => ({ type: "output_text", text, annotations: [], logprobs: [] });
const REASONING = { id: "rs_A1", type: "reasoning", summary: [{ type: "summary_text", text: "Oslo is up north." }] };
const MESSAGE = {
  ...{ id: "msg_A1", type: "message", role: "assistant", status: "completed" },
  content: [outputText("I ask again: “Oslo”.")],
};
const OUTPUT = [
  REASONING,
  MESSAGE,
  responsesCall("fc_1", "call_w2", "get_weather", '{"city":"Oslo"}', "completed"),
  responsesCall("fc_2", "call_t2", "get_time", '{"city":"Oslo"}', "completed"),
];
const RESPONSE = { id: "resp_A1", object: "response", created_at: 1_790_000_000, model: "m-1", error: null, incomplete_details: null };
const RESPONSES_USAGE = {
  input_tokens: 120,
  input_tokens_details: { cached_tokens: 100 },
  output_tokens: 60,
  output_tokens_details: { reasoning_tokens: 20 },
  total_tokens: 180,
};

const callEvents = (outputIndex: number, item: ReturnType<typeof responsesCall>, pieces: readonly string[]) => [
  { type: "response.output_item.added", output_index: outputIndex, item: { ...item, status: "in_progress", arguments: "" } },
  ...pieces.map((delta) => ({ type: "response.function_call_arguments.delta", item_id: item.id, output_index: outputIndex, delta })),
  { type: "response.function_call_arguments.done", item_id: item.id, output_index: outputIndex, arguments: item.arguments },
  { type: "response.output_item.done", output_index: outputIndex, item },
];

const responses: MatrixExchange = {
  request: {
    model: "asked",
    max_output_tokens: 2048,
    store: false,
    reasoning: { effort: "low" },
    tools: TOOLS.map((tool) => ({ type: "function", ...tool, parameters: SCHEMA, strict: true })),
    tool_choice: "auto",
    instructions: "You are terse.",
    input: [
      {
        role: "user",
        content: [
          { type: "input_text", text: "Which town is this? What is the weather and the time there?" },
          { type: "input_image", detail: "auto", image_url: `data:image/png;base64,${PIXEL}` },
        ],
      },
      { type: "reasoning", id: "rs_0", summary: [{ type: "summary_text", text: "It is Rome." }], encrypted_content: "c2VhbGVk" },
      { type: "message", id: "msg_0", role: "assistant", status: "completed", content: [outputText("Let me look.")] },
      responsesCall("fc_w1", "call_w1", "get_weather", '{"city":"Rome"}', "completed"),
      responsesCall("fc_t1", "call_t1", "get_time", '{"city":"Rome"}', "completed"),
      { type: "function_call_output", call_id: "call_w1", output: "sunny" },
      { type: "function_call_output", call_id: "call_t1", output: "12:00" },
      { role: "user", content: "And in Oslo?" },
    ],
  },
  answer: { ...RESPONSE, status: "completed", output: OUTPUT, usage: RESPONSES_USAGE },
  stream: sse(
    [
      { type: "response.created", response: { ...RESPONSE, status: "in_progress", output: [], usage: null } },
      { type: "response.in_progress", response: { ...RESPONSE, status: "in_progress", output: [], usage: null } },
      { type: "response.output_item.added", output_index: 0, item: { ...REASONING, summary: [] } },
      {
        ...{ type: "response.reasoning_summary_part.added", item_id: "rs_A1", output_index: 0, summary_index: 0 },
        part: { type: "summary_text", text: "" },
      },
      ...["Oslo is ", "up north."].map((delta) => ({
        ...{ type: "response.reasoning_summary_text.delta", item_id: "rs_A1", output_index: 0, summary_index: 0, delta },
      })),
      {
        ...{ type: "response.reasoning_summary_text.done", item_id: "rs_A1", output_index: 0, summary_index: 0 },
        text: "Oslo is up north.",
      },
      {
        ...{ type: "response.reasoning_summary_part.done", item_id: "rs_A1", output_index: 0, summary_index: 0 },
        part: { type: "summary_text", text: "Oslo is up north." },
      },
      { type: "response.output_item.done", output_index: 0, item: REASONING },
      { type: "response.output_item.added", output_index: 1, item: { ...MESSAGE, status: "in_progress", content: [] } },
      { type: "response.content_part.added", item_id: "msg_A1", output_index: 1, content_index: 0, part: outputText("") },
      ...["I ask again: ", "“Oslo”."].map((delta) => ({
        ...{ type: "response.output_text.delta", item_id: "msg_A1", output_index: 1, content_index: 0, delta, logprobs: [] },
      })),
      {
        ...{ type: "response.output_text.done", item_id: "msg_A1", output_index: 1, content_index: 0, logprobs: [] },
        text: "I ask again: “Oslo”.",
      },
      {
        ...{ type: "response.content_part.done", item_id: "msg_A1", output_index: 1, content_index: 0 },
        part: outputText("I ask again: “Oslo”."),
      },
      { type: "response.output_item.done", output_index: 1, item: MESSAGE },
      ...callEvents(2, OUTPUT[2] as never, ['{"city":', '"Oslo"}']),
      ...callEvents(3, OUTPUT[3] as never, ['{"city":"Oslo"}']),
      { type: "response.completed", response: { ...RESPONSE, status: "completed", output: OUTPUT, usage: RESPONSES_USAGE } },
    ].map((event, index) => ({ ...event, sequence_number: index })),
  ),
  streamField: streamTrue,
  separator: "\n\n",
  ending: /"type":"response\.(?:completed|incomplete)"/,
  usage: USAGE,
};

const geminiAnswer = (parts: readonly object[], rest: object = {}, more: object = {}) => ({
  candidates: [{ content: { parts, role: "model" }, ...rest, index: 0 }],
  ...more,
  modelVersion: "m-1",
  responseId: "resp-A1",
});
const geminiCall = (id: string, name: string, city: string) => ({ functionCall: { id, name, args: { city } } });
const geminiResult = (id: string, name: string, output: string) => ({ functionResponse: { id, name, response: { output } } });
const GEMINI_USAGE = {
  usageMetadata: {
    ...{ promptTokenCount: 120, cachedContentTokenCount: 100, candidatesTokenCount: 40, thoughtsTokenCount: 20, totalTokenCount: 180 },
  },
};

const gemini: MatrixExchange = {
  request: {
    generationConfig: { maxOutputTokens: 2048, thinkingConfig: { includeThoughts: true, thinkingLevel: "LOW" } },
    tools: [{ functionDeclarations: TOOLS.map((tool) => ({ ...tool, parametersJsonSchema: SCHEMA })) }],
    toolConfig: { functionCallingConfig: { mode: "AUTO" } },
    systemInstruction: { parts: [{ text: "You are terse." }] },
    contents: [
      {
        role: "user",
        parts: [
          { text: "Which town is this? What is the weather and the time there?" },
          { inlineData: { mimeType: "image/png", data: PIXEL } },
        ],
      },
      {
        role: "model",
        parts: [
          { text: "It is Rome.", thought: true },
          { text: "Let me look." },
          { ...geminiCall("call_w1", "get_weather", "Rome"), thoughtSignature: "c2lnbmVk" },
          geminiCall("call_t1", "get_time", "Rome"),
        ],
      },
      { role: "user", parts: [geminiResult("call_w1", "get_weather", "sunny"), geminiResult("call_t1", "get_time", "12:00")] },
      { role: "user", parts: [{ text: "And in Oslo?" }] },
    ],
  },
  streamField: () => ({}),
  rest: (stream) => `asked:${stream ? "streamGenerateContent" : "generateContent"}`,
  answer: geminiAnswer(
    [
      { text: "Oslo is up north.", thought: true },
      { text: "I ask again: “Oslo”." },
      { ...geminiCall("call_w2", "get_weather", "Oslo"), thoughtSignature: "c2lnbmVkIHRvbw==" },
      geminiCall("call_t2", "get_time", "Oslo"),
    ],
    { finishReason: "STOP" },
    GEMINI_USAGE,
  ),
  stream: [
    geminiAnswer([{ text: "Oslo is ", thought: true }]),
    geminiAnswer([{ text: "up north.", thought: true }]),
    geminiAnswer([{ text: "I ask again: " }]),
    geminiAnswer([{ text: "“Oslo”." }]),
    geminiAnswer([{ ...geminiCall("call_w2", "get_weather", "Oslo"), thoughtSignature: "c2lnbmVkIHRvbw==" }]),
    geminiAnswer([geminiCall("call_t2", "get_time", "Oslo")]),
    geminiAnswer([{ text: "" }], { finishReason: "STOP" }, GEMINI_USAGE),
  ]
    .map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`)
    .join(""),
  separator: "\r\n\r\n",
  ending: /"finishReason":"/,
  usage: USAGE,
};

const ollamaCall = (id: string, index: number, name: string, city: string) => ({ id, function: { index, name, arguments: { city } } });
const ollamaLine = (message: object, rest: object = { done: false }) => ({
  ...{ model: "m-1", created_at: "2026-09-21T14:13:20.000Z" },
  message: { role: "assistant", content: "", ...message },
  ...rest,
});
const OLLAMA_END = {
  ...{ done: true, done_reason: "stop", total_duration: 9, load_duration: 1, prompt_eval_count: 120, prompt_eval_duration: 3 },
  ...{ eval_count: 60, eval_duration: 5 },
};
const OLLAMA_CALLS = [ollamaCall("call_w2", 0, "get_weather", "Oslo"), ollamaCall("call_t2", 1, "get_time", "Oslo")];

const ollama: MatrixExchange = {
  request: {
    model: "asked",
    options: { num_predict: 2048 },
    think: true,
    tools: TOOLS.map((tool) => ({ type: "function", function: { ...tool, parameters: SCHEMA } })),
    messages: [
      { role: "system", content: "You are terse." },
      { role: "user", content: "Which town is this? What is the weather and the time there?", images: [PIXEL] },
      {
        ...{ role: "assistant", content: "Let me look.", thinking: "It is Rome." },
        tool_calls: [ollamaCall("call_w1", 0, "get_weather", "Rome"), ollamaCall("call_t1", 1, "get_time", "Rome")],
      },
      { role: "tool", content: "sunny", tool_name: "get_weather", tool_call_id: "call_w1" },
      { role: "tool", content: "12:00", tool_name: "get_time", tool_call_id: "call_t1" },
      { role: "user", content: "And in Oslo?" },
    ],
  },
  // Whoever says nothing wants a stream.
  streamField: (stream) => ({ stream }),
  answer: ollamaLine({ content: "I ask again: “Oslo”.", thinking: "Oslo is up north.", tool_calls: OLLAMA_CALLS }, OLLAMA_END),
  stream: [
    ollamaLine({ thinking: "Oslo is " }),
    ollamaLine({ thinking: "up north." }),
    ollamaLine({ content: "I ask again: " }),
    ollamaLine({ content: "“Oslo”." }),
    ...OLLAMA_CALLS.map((call) => ollamaLine({ tool_calls: [call] })),
    ollamaLine({}, OLLAMA_END),
  ]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join(""),
  separator: "\n",
  ending: /"done":true/,
  usage: { inputTokens: 120, inputTokensCached: 0, outputTokens: 60, reasoningTokens: 0 },
};

const cohereCall = (id: string, name: string, city: string) => ({
  ...{ id, type: "function", function: { name, arguments: JSON.stringify({ city }) } },
});
const COHERE_USAGE = {
  ...{ billed_units: { input_tokens: 15, output_tokens: 60 }, cached_tokens: 100 },
  tokens: { input_tokens: 120, output_tokens: 60, reasoning_tokens: 20 },
};
const cohereDelta = (type: string, index: number, message: object) => ({ type, index, delta: { message } });

const cohere: MatrixExchange = {
  request: {
    model: "m-1",
    max_tokens: 2048,
    tools: TOOLS.map((tool) => ({ type: "function", function: { ...tool, parameters: SCHEMA } })),
    strict_tools: true,
    messages: [
      { role: "system", content: "You are terse." },
      {
        role: "user",
        content: [
          { type: "text", text: "Which town is this? What is the weather and the time there?" },
          { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}` } },
        ],
      },
      {
        ...{ role: "assistant", content: "Let me look.", tool_plan: "It is Rome." },
        tool_calls: [cohereCall("call_w1", "get_weather", "Rome"), cohereCall("call_t1", "get_time", "Rome")],
      },
      { role: "tool", tool_call_id: "call_w1", content: "sunny" },
      { role: "tool", tool_call_id: "call_t1", content: "12:00" },
      { role: "user", content: "And in Oslo?" },
    ],
  },
  read: readCohereRequest,
  streamField: (stream) => ({ stream }),
  answer: {
    id: "c0ffee00-0000-4000-8000-000000000000",
    message: {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "Oslo is up north." },
        { type: "text", text: "I ask again: “Oslo”." },
      ],
      tool_calls: [cohereCall("call_w2", "get_weather", "Oslo"), cohereCall("call_t2", "get_time", "Oslo")],
    },
    finish_reason: "TOOL_CALL",
    usage: COHERE_USAGE,
  },
  stream: `${sse([
    { id: "c0ffee00-0000-4000-8000-000000000000", type: "message-start", delta: { message: { role: "assistant", content: [] } } },
    cohereDelta("content-start", 0, { content: { type: "thinking", thinking: "" } }),
    cohereDelta("content-delta", 0, { content: { thinking: "Oslo is " } }),
    cohereDelta("content-delta", 0, { content: { thinking: "up north." } }),
    { type: "content-end", index: 0 },
    cohereDelta("content-start", 1, { content: { type: "text", text: "" } }),
    cohereDelta("content-delta", 1, { content: { text: "I ask again: " } }),
    cohereDelta("content-delta", 1, { content: { text: "“Oslo”." } }),
    { type: "content-end", index: 1 },
    cohereDelta("tool-call-start", 0, {
      tool_calls: { ...cohereCall("call_w2", "get_weather", ""), function: { name: "get_weather", arguments: "" } },
    }),
    cohereDelta("tool-call-delta", 0, { tool_calls: { function: { arguments: '{"city":' } } }),
    cohereDelta("tool-call-delta", 0, { tool_calls: { function: { arguments: '"Oslo"}' } } }),
    { type: "tool-call-end", index: 0 },
    cohereDelta("tool-call-start", 1, {
      tool_calls: { ...cohereCall("call_t2", "get_time", ""), function: { name: "get_time", arguments: "" } },
    }),
    cohereDelta("tool-call-delta", 1, { tool_calls: { function: { arguments: '{"city":"Oslo"}' } } }),
    { type: "tool-call-end", index: 1 },
    { type: "message-end", delta: { finish_reason: "TOOL_CALL", usage: COHERE_USAGE } },
  ] as never)}data: [DONE]\n\n`,
  separator: "\n\n",
  ending: /"type":"message-end"/,
  usage: USAGE,
};

const converseCall = (toolUseId: string, name: string, city: string) => ({ toolUse: { toolUseId, name, input: { city } } });
const converseResult = (toolUseId: string, text: string) => ({ toolResult: { toolUseId, content: [{ text }] } });
const CONVERSE_USAGE = { inputTokens: 20, outputTokens: 60, totalTokens: 180, cacheReadInputTokens: 100, cacheWriteInputTokens: 0 };
const converseDelta = (contentBlockIndex: number, delta: object) =>
  converseEvent("contentBlockDelta", { contentBlockIndex, delta, p: "abc" });
const converseStop = (contentBlockIndex: number) => converseEvent("contentBlockStop", { contentBlockIndex, p: "ab" });
const converseStart = (contentBlockIndex: number, toolUseId: string, name: string) =>
  converseEvent("contentBlockStart", { contentBlockIndex, start: { toolUse: { toolUseId, name } } });

const converse: MatrixExchange = {
  request: {
    inferenceConfig: { maxTokens: 2048 },
    toolConfig: { tools: TOOLS.map((tool) => ({ toolSpec: { ...tool, inputSchema: { json: SCHEMA } } })) },
    system: [{ text: "You are terse." }],
    messages: [
      {
        role: "user",
        content: [
          { text: "Which town is this? What is the weather and the time there?" },
          { image: { format: "png", source: { bytes: PIXEL } } },
        ],
      },
      {
        role: "assistant",
        content: [{ text: "Let me look." }, converseCall("call_w1", "get_weather", "Rome"), converseCall("call_t1", "get_time", "Rome")],
      },
      { role: "user", content: [converseResult("call_w1", "sunny"), converseResult("call_t1", "12:00"), { text: "And in Oslo?" }] },
    ],
  },
  read: readConverseRequest,
  streamField: () => ({}),
  answer: {
    output: {
      message: {
        role: "assistant",
        content: [
          { reasoningContent: { reasoningText: { text: "Oslo is up north.", signature: "c2lnbmVkIHRvbw==" } } },
          { text: "I ask again: “Oslo”." },
          converseCall("call_w2", "get_weather", "Oslo"),
          converseCall("call_t2", "get_time", "Oslo"),
        ],
      },
    },
    stopReason: "tool_use",
    usage: CONVERSE_USAGE,
    metrics: { latencyMs: 9 },
  },
  stream: [
    converseEvent("messageStart", { role: "assistant", p: "abcd" }),
    converseDelta(0, { reasoningContent: { text: "Oslo is " } }),
    converseDelta(0, { reasoningContent: { text: "up north." } }),
    converseDelta(0, { reasoningContent: { signature: "c2lnbmVkIHRvbw==" } }),
    converseStop(0),
    converseDelta(1, { text: "I ask again: " }),
    converseDelta(1, { text: "“Oslo”." }),
    converseStop(1),
    converseStart(2, "call_w2", "get_weather"),
    converseDelta(2, { toolUse: { input: "" } }),
    converseDelta(2, { toolUse: { input: '{"city":' } }),
    converseDelta(2, { toolUse: { input: '"Oslo"}' } }),
    converseStop(2),
    converseStart(4, "call_t2", "get_time"),
    converseDelta(4, { toolUse: { input: '{"city":"Oslo"}' } }),
    converseStop(4),
    converseEvent("messageStop", { stopReason: "tool_use", p: "a" }),
    converseEvent("metadata", { usage: CONVERSE_USAGE, metrics: { latencyMs: 9 } }),
  ],
  ending: /messageStop/,
  usage: { inputTokens: 20, inputTokensCached: 100, outputTokens: 60, reasoningTokens: 0 },
};

/** By the wire's name. */
export const MATRIX: Readonly<Record<string, MatrixExchange>> = {
  "openai-chat": chat,
  "anthropic-messages": messages,
  "openai-responses": responses,
  "gemini-generate": gemini,
  "ollama-chat": ollama,
  "cohere-chat": cohere,
  "bedrock-converse": converse,
};
