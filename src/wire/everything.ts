import type { JsonObject } from "../ir/json.ts";

// One request per format that says all that the format has a word for and that another may lack. They are never sent; `omni check` takes them over every bridge.
// What belongs to one vendor's tools alone stands for all of its kind.

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const SCHEMA: JsonObject = {
  type: "object",
  properties: { city: { type: "string" }, days: { type: "integer", minimum: 1 } },
  required: ["city", "days"],
  additionalProperties: false,
};

/** Of OpenAI's Chat Completions. */
export const EVERYTHING_OF_OPENAI_CHAT: JsonObject = {
  model: "m",
  messages: [
    { role: "system", content: "Be brief." },
    {
      role: "user",
      content: [
        { type: "text", text: "Look." },
        { type: "image_url", image_url: { url: "https://example.com/a.png", detail: "low" } },
        { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } },
        { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0x" } },
      ],
    },
    { role: "assistant", content: null, tool_calls: [{ id: "call_1", type: "function", function: { name: "weather", arguments: "{}" } }] },
    { role: "tool", tool_call_id: "call_1", content: "rain" },
    { role: "developer", content: "In English." },
    { role: "user", content: "Go on." },
  ],
  tools: [
    { type: "function", function: { name: "weather", parameters: SCHEMA, strict: true } },
    { type: "custom", custom: { name: "code", format: { type: "grammar", grammar: { syntax: "regex", definition: "a+" } } } },
  ],
  tool_choice: "required",
  parallel_tool_calls: false,
  web_search_options: { search_context_size: "high" },
  response_format: { type: "json_schema", json_schema: { name: "answer", schema: SCHEMA, strict: true } },
  reasoning_effort: "low",
  verbosity: "low",
  max_completion_tokens: 1000,
  temperature: 1.5,
  top_p: 0.9,
  n: 2,
  stop: ["END"],
  seed: 1,
  presence_penalty: 0.5,
  frequency_penalty: 0.5,
  logit_bias: { "1": 1 },
  logprobs: true,
  top_logprobs: 2,
  service_tier: "priority",
};

/** Of OpenAI's Responses. */
export const EVERYTHING_OF_OPENAI_RESPONSES: JsonObject = {
  model: "m",
  instructions: "Be brief.",
  input: [
    {
      role: "user",
      content: [
        { type: "input_text", text: "Look." },
        { type: "input_image", image_url: "https://example.com/a.png", detail: "low" },
        { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0x" },
      ],
    },
    { type: "function_call", call_id: "call_1", name: "weather", arguments: "{}" },
    {
      type: "function_call_output",
      call_id: "call_1",
      output: [{ type: "input_image", image_url: `data:image/png;base64,${PIXEL}` }],
    },
    { role: "developer", content: "In English." },
    { role: "user", content: "Go on." },
  ],
  tools: [
    { type: "function", name: "weather", parameters: SCHEMA, strict: true },
    { type: "custom", name: "code", format: { type: "grammar", syntax: "regex", definition: "a+" } },
    { type: "web_search", search_context_size: "high", filters: { allowed_domains: ["example.com"] } },
    { type: "file_search", vector_store_ids: ["vs_1"] },
    { type: "code_interpreter", container: { type: "auto" } },
    { type: "image_generation" },
    { type: "mcp", server_label: "a", server_url: "https://example.com" },
  ],
  tool_choice: "required",
  parallel_tool_calls: false,
  text: { format: { type: "json_schema", name: "answer", schema: SCHEMA, strict: true }, verbosity: "low" },
  reasoning: { effort: "low" },
  max_output_tokens: 1000,
  temperature: 1.5,
  top_p: 0.9,
  top_logprobs: 2,
  include: ["message.output_text.logprobs"],
  service_tier: "priority",
  truncation: "auto",
  background: true,
};

/** Of Anthropic's Messages. */
export const EVERYTHING_OF_ANTHROPIC_MESSAGES: JsonObject = {
  model: "m",
  max_tokens: 10_000,
  system: [{ type: "text", text: "Be brief." }],
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "Look." },
        { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
        {
          type: "document",
          title: "A",
          source: { type: "base64", media_type: "application/pdf", data: "JVBERi0x" },
          citations: { enabled: true },
        },
      ],
    },
    { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "weather", input: {} }] },
    {
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: "toolu_1",
          is_error: true,
          content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: PIXEL } }],
        },
      ],
    },
    { role: "user", content: "Go on." },
  ],
  tools: [
    { name: "weather", input_schema: SCHEMA, strict: true },
    { type: "web_search_20250305", name: "web_search", max_uses: 3, allowed_domains: ["example.com"] },
    { type: "code_execution_20250825", name: "code_execution" },
    { type: "bash_20250124", name: "bash" },
  ],
  mcp_servers: [{ type: "url", name: "a", url: "https://example.com" }],
  tool_choice: { type: "any", disable_parallel_tool_use: true },
  output_config: { effort: "low", format: { type: "json_schema", schema: SCHEMA } },
  thinking: { type: "enabled", budget_tokens: 2000 },
  stop_sequences: ["END"],
  top_k: 10,
  context_management: { edits: [{ type: "clear_tool_uses_20250919" }] },
};

/** Of Google's Gemini. */
export const EVERYTHING_OF_GEMINI_GENERATE: JsonObject = {
  systemInstruction: { parts: [{ text: "Be brief." }] },
  contents: [
    {
      role: "user",
      parts: [
        { text: "Look." },
        { inlineData: { mimeType: "image/png", data: PIXEL } },
        { inlineData: { mimeType: "audio/wav", data: "AAAA" } },
        { inlineData: { mimeType: "application/pdf", data: "JVBERi0x" } },
        { fileData: { mimeType: "video/mp4", fileUri: "https://example.com/a.mp4" } },
      ],
    },
    { role: "model", parts: [{ functionCall: { id: "1", name: "weather", args: {} } }] },
    { role: "user", parts: [{ functionResponse: { id: "1", name: "weather", response: { output: "rain" } } }] },
    { role: "user", parts: [{ text: "Go on." }] },
  ],
  tools: [
    { functionDeclarations: [{ name: "weather", parametersJsonSchema: SCHEMA }] },
    { googleSearch: {} },
    { codeExecution: {} },
    { urlContext: {} },
  ],
  toolConfig: { functionCallingConfig: { mode: "ANY" } },
  safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
  cachedContent: "cachedContents/a",
  generationConfig: {
    candidateCount: 2,
    maxOutputTokens: 1000,
    temperature: 1.5,
    topP: 0.9,
    topK: 10,
    stopSequences: ["END"],
    seed: 1,
    presencePenalty: 0.5,
    frequencyPenalty: 0.5,
    responseLogprobs: true,
    logprobs: 2,
    responseMimeType: "application/json",
    responseJsonSchema: SCHEMA,
    thinkingConfig: { thinkingBudget: 2000 },
    responseModalities: ["TEXT", "IMAGE"],
  },
};

/** Of Ollama's chat. */
export const EVERYTHING_OF_OLLAMA_CHAT: JsonObject = {
  model: "m",
  stream: false,
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content: "Look.", images: [PIXEL] },
    { role: "assistant", content: "", tool_calls: [{ function: { name: "weather", arguments: {} } }] },
    { role: "tool", tool_name: "weather", content: "rain" },
    { role: "user", content: "Go on." },
  ],
  tools: [{ type: "function", function: { name: "weather", parameters: SCHEMA } }],
  format: SCHEMA,
  think: "low",
  keep_alive: "5m",
  options: {
    num_ctx: 8192,
    num_predict: 1000,
    temperature: 1.5,
    top_p: 0.9,
    top_k: 10,
    min_p: 0.1,
    seed: 1,
    stop: ["END"],
    repeat_penalty: 1.1,
    presence_penalty: 0.5,
    frequency_penalty: 0.5,
  },
};
