/**
 * What is sent and answered in the end-to-end suites. The model's name in the body chooses how the upstream answers, so the same bytes go to every
 * contestant, whatever it does with them on the way.
 */
export type Behaviour = "whole" | "bulk" | "paced";

/** The provider that the gateway's configuration puts before its models: it strips the name, others leave it, and the upstream takes both. */
export const PROVIDER = "bench";

/** How many content events a stream in bulk has. All of them leave the upstream in one write. */
export const BULK_EVENTS = 100;
/** How many content events a paced stream has: more than any measurement lasts. */
export const PACED_EVENTS = 2_000;
/** What lies between two events of a paced stream. Milliseconds: 20 events a second, as fast as many models write. */
export const PACE_MS = 50;

/** What stands before the time at which a paced event left the upstream. */
export const STAMP = '"content":"@';

const encoder = new TextEncoder();

/**
 * The body of a chat request.
 *
 * @param bytes Its size, met exactly for anything from about 300 bytes on.
 */
export function requestBody(behaviour: Behaviour, bytes: number): Uint8Array {
  const isStream = behaviour !== "whole";
  const body = {
    model: `${PROVIDER}/${behaviour}`,
    stream: isStream,
    ...(isStream ? { stream_options: { include_usage: true } } : {}),
    temperature: 0.7,
    max_tokens: 512,
    messages: [
      { role: "system", content: "You are a helpful assistant that answers briefly." },
      { role: "user", content: "" },
    ],
  };
  const left = bytes - JSON.stringify(body).length;
  const question = "Which of the two routes does the request take, and why? ";
  body.messages[1] = { role: "user", content: question.repeat(Math.ceil(Math.max(left, 0) / question.length)).slice(0, Math.max(left, 0)) };
  return encoder.encode(JSON.stringify(body));
}

/** A complete HTTP/1.1 request. */
export function httpRequest(path: string, host: string, body: Uint8Array): Uint8Array {
  const head = `POST ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\nauthorization: Bearer sk-bench\r\naccept: */*\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([encoder.encode(head), body]);
}

/** The upstream's whole answer, about 600 bytes. */
export function wholeAnswer(): Uint8Array {
  const body = JSON.stringify({
    id: "chatcmpl-bench000000000000000000",
    object: "chat.completion",
    created: 1_790_000_000,
    model: "whole",
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: "It takes the first route, since its target is healthy, within its limits, and named first. ".repeat(2).trim(),
          refusal: null,
        },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: {
      prompt_tokens: 211,
      completion_tokens: 42,
      total_tokens: 253,
      prompt_tokens_details: { cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    },
    system_fingerprint: "fp_bench",
  });
  return encoder.encode(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
}

/** The head of a streamed answer. */
export const STREAM_HEAD =
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n";

/** One event of a stream with its content, as a chunk of HTTP. */
export function contentChunk(content: string): string {
  return chunkOf({ delta: { content }, finish: null });
}

/** What ends a stream: the finish, the usage, `[DONE]` and HTTP's own last chunk. */
export function lastChunks(): string {
  const usage =
    'data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1790000000,"model":"stream","choices":[],"usage":{"prompt_tokens":211,"completion_tokens":100,"total_tokens":311}}\n\n';
  return `${chunkOf({ delta: {}, finish: "stop" })}${framed(usage)}${framed("data: [DONE]\n\n")}0\r\n\r\n`;
}

function chunkOf({ delta, finish }: { readonly delta: { readonly content?: string }; readonly finish: string | null }): string {
  const event = {
    id: "chatcmpl-bench",
    object: "chat.completion.chunk",
    created: 1_790_000_000,
    model: "stream",
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  };
  return framed(`data: ${JSON.stringify(event)}\n\n`);
}

function framed(event: string): string {
  return `${event.length.toString(16)}\r\n${event}\r\n`;
}
