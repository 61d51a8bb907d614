/** A format as a client speaks it: how it asks, and what it makes of the bytes that it gets. */
export interface ClientFormat {
  readonly wire: string;
  path(model: string, stream: boolean): string;
  request(model: string, stream: boolean): Readonly<Record<string, unknown>>;
  /** The text of a whole answer. */
  textOf(body: unknown): string;
  /** What a stream said. */
  readStream(text: string): StreamRead;
  /** What is wrong with an error's body, as this format's clients would find it; undefined if nothing is. */
  envelopeFault(body: unknown, status: number): string | undefined;
  /** The code or the type by which its clients know a failure; undefined where the format has none. */
  codeOf(body: unknown): string | undefined;
  /** The same for the name of a failure. */
  codeFor(kind: string): string | undefined;
  /** The status by which its clients know a failure, where it is another than the rest of the world's. */
  statusFor?(kind: string): number | undefined;
}

/** What came of a stream. */
export interface StreamRead {
  readonly text: string;
  /** Whether the format's own end came. */
  readonly ended: boolean;
  /** The error that was told inside it. */
  readonly error: unknown;
  /** Whether anything stood in it that is no event of the format. */
  readonly odd: string | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: what comes is looked at field by field, and a field that is missing is a finding.
type Json = any;

const user = [{ role: "user", content: "hi" }];

/** The data of a stream of server-sent events. What is cut off at its end is no event. */
function eventsOf(text: string): string[] {
  const normal = text
    .replace(/^\ufeff/, "")
    .replaceAll("\r\n", "\n")
    .replaceAll("\r", "\n");
  return normal
    .slice(0, normal.lastIndexOf("\n\n") + 2)
    .split("\n\n")
    .map((event) =>
      event
        .split("\n")
        .filter((line) => line.startsWith("data:"))
        .map((line) => line.slice(5).replace(/^ /, ""))
        .join("\n"),
    )
    .filter((data) => data !== "");
}

function read(datas: readonly string[], note: (event: Json, said: { text: string; ended: boolean; error: unknown }) => void): StreamRead {
  const said: { text: string; ended: boolean; error: unknown } = { text: "", ended: false, error: undefined };
  for (const data of datas) {
    if (data === "[DONE]") {
      note(data, said);
      continue;
    }
    let event: Json;
    try {
      event = JSON.parse(data);
    } catch {
      return { ...said, odd: `an event is no JSON: ${data.slice(0, 100)}` };
    }
    // Clients of Responses know failures by two events, of which either may come first.
    if (said.error !== undefined && event.type !== "response.failed") return { ...said, odd: "something follows the error" };
    note(event, said);
  }
  return { ...said, odd: undefined };
}

const openaiFault = ({ error }: Json): string | undefined => {
  if (typeof error?.message !== "string" || error.message === "") return "no error.message";
  return typeof error.type === "string" && error.code !== undefined ? undefined : "no error.type or no error.code";
};

const chat: ClientFormat = {
  wire: "openai-chat",
  path: () => "/v1/chat/completions",
  request: (model, stream) => ({ model, stream, messages: user }),
  textOf: (body: Json) => body.choices[0].message.content,
  readStream: (text) =>
    read(eventsOf(text), (event, said) => {
      if (event === "[DONE]") said.ended = true;
      else if (event.error) said.error = event;
      else said.text += event.choices[0]?.delta?.content ?? "";
    }),
  envelopeFault: openaiFault,
  codeOf: ({ error }: Json) => error.code,
  codeFor: (kind) => kind,
};

const responses: ClientFormat = {
  wire: "openai-responses",
  path: () => "/v1/responses",
  request: (model, stream) => ({ model, stream, input: "hi" }),
  textOf: (body: Json) => body.output.find(({ type }: Json) => type === "message").content[0].text,
  readStream: (text) =>
    read(
      eventsOf(text).filter((data) => data !== "[DONE]"),
      (event, said) => {
        if (event.type === "response.output_text.delta") said.text += event.delta;
        else if (event.type === "response.completed") said.ended = true;
        else if (event.type === "response.failed") said.error = { error: { ...event.response.error, type: "" } };
        else if (event.type === "error") said.error = { error: { ...event, type: "" } };
      },
    ),
  envelopeFault: openaiFault,
  codeOf: ({ error }: Json) => error.code,
  codeFor: (kind) => kind,
};

const TYPES: Readonly<Record<string, string>> = {
  rate_limited: "rate_limit_error",
  upstream_rejected: "invalid_request_error",
  context_length_exceeded: "invalid_request_error",
  upstream_overloaded: "overloaded_error",
  overloaded: "overloaded_error",
  upstream_model_unknown: "not_found_error",
  upstream_timeout: "timeout_error",
  deadline_exceeded: "timeout_error",
  request_too_large: "request_too_large",
  malformed_json: "invalid_request_error",
  invalid_request: "invalid_request_error",
  method_not_allowed: "invalid_request_error",
  invalid_model: "invalid_request_error",
  unsupported_media_type: "invalid_request_error",
};

const messages: ClientFormat = {
  wire: "anthropic-messages",
  path: () => "/v1/messages",
  request: (model, stream) => ({ model, stream, max_tokens: 100, messages: user }),
  textOf: (body: Json) => body.content[0].text,
  readStream: (text) =>
    read(eventsOf(text), (event, said) => {
      if (event.type === "content_block_delta") said.text += event.delta.text ?? "";
      else if (event.type === "message_stop") said.ended = true;
      else if (event.type === "error") said.error = event;
    }),
  envelopeFault: ({ type, error }: Json) =>
    type === "error" && typeof error?.type === "string" && typeof error.message === "string" && error.message !== ""
      ? undefined
      : "no error of the Messages format",
  codeOf: ({ error }: Json) => error.type,
  codeFor: (kind) => TYPES[kind] ?? "api_error",
  statusFor: (kind) => (kind === "upstream_overloaded" || kind === "overloaded" ? 529 : undefined),
};

const generate: ClientFormat = {
  wire: "gemini-generate",
  path: (model, stream) => `/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
  request: () => ({ contents: [{ role: "user", parts: [{ text: "hi" }] }] }),
  textOf: (body: Json) => body.candidates[0].content.parts.map(({ text }: Json) => text).join(""),
  readStream: (text) =>
    read(eventsOf(text), (event, said) => {
      if (event.error) said.error = event;
      for (const { text: piece = "" } of event.candidates?.[0]?.content?.parts ?? []) said.text += piece;
      if (event.candidates?.[0]?.finishReason) said.ended = true;
    }),
  envelopeFault: ({ error }: Json, status) =>
    error?.code === status && typeof error.message === "string" && error.message !== "" && typeof error.status === "string"
      ? undefined
      : `no error of Google's with the code ${status}`,
  codeOf: ({ error }: Json) => error.details?.[0]?.reason,
  codeFor: (kind) => kind.toUpperCase(),
};

const ollama: ClientFormat = {
  wire: "ollama-chat",
  path: () => "/api/chat",
  request: (model, stream) => ({ model, stream, messages: user }),
  textOf: (body: Json) => body.message.content,
  readStream: (text) =>
    read(
      text
        .slice(0, text.lastIndexOf("\n") + 1)
        .split("\n")
        .filter((line) => line.trim() !== ""),
      (event, said) => {
        if (event.error) said.error = event;
        else said.text += event.message?.content ?? "";
        if (event.done === true) said.ended = true;
      },
    ),
  envelopeFault: ({ error }: Json) => (typeof error === "string" && error !== "" ? undefined : "no error of Ollama's"),
  codeOf: () => undefined,
  codeFor: () => undefined,
};

/** All formats that clients of the matrix speak. */
export const CLIENT_FORMATS: readonly ClientFormat[] = [chat, responses, messages, generate, ollama];
