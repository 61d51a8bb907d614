import type { Gateway } from "../gateway/gateway.ts";
import { ANONYMOUS } from "../policies/caller.ts";
import { openaiChat } from "../wire/openai-chat/index.ts";
import type { Clock } from "../world/clock.ts";
import type { SimulatedRequest } from "./scenario.ts";

/** What a client got. */
export interface ClientOutcome {
  readonly request: SimulatedRequest;
  readonly startedMs: number;
  endedMs: number;
  /** 0 if it went away before there was one. */
  status: number;
  /** Milliseconds that it was told to wait. */
  retryAfterMs: number | undefined;
  target: string | undefined;
  attempts: number;
  /** `whole`: an answer to its end. `failed`: an error, in place of an answer. `broken`: an error in the middle of one. `left`: it went away. */
  end: "whole" | "failed" | "broken" | "left";
  text: string;
  /** The error's code. */
  code: string | undefined;
}

/** Sends one request as a client would, and reads all of the answer. */
export async function ask(gateway: Gateway, clock: Clock, request: SimulatedRequest): Promise<ClientOutcome> {
  const controller = new AbortController();
  const outcome: ClientOutcome = {
    request,
    startedMs: clock.nowMs(),
    endedMs: 0,
    status: 0,
    retryAfterMs: undefined,
    target: undefined,
    attempts: 0,
    end: "left",
    text: "",
    code: undefined,
  };
  let leave: (() => void) | undefined;
  const timer =
    request.leavesAfterMs === undefined
      ? undefined
      : clock.startTimer(request.leavesAfterMs, () => {
          controller.abort();
          leave?.();
        });
  const body = bodyOf(request);
  const reply = await gateway.serve({
    wire: openaiChat,
    provider: undefined,
    rest: "",
    body,
    headers: new Headers({ "x-omni-session": request.session }),
    caller: ANONYMOUS,
    address: () => "",
    signal: controller.signal,
  });
  outcome.status = reply.status;
  outcome.target = reply.headers["x-omni-target"];
  outcome.attempts = Number(reply.headers["x-omni-attempts"]);
  if (reply.headers["retry-after-ms"] !== undefined) outcome.retryAfterMs = Number(reply.headers["retry-after-ms"]);
  if (reply.body instanceof Uint8Array) readWhole(outcome, reply.body);
  else {
    const reader = reply.body.getReader();
    leave = () => void reader.cancel().catch(() => {});
    if (controller.signal.aborted) leave();
    await readStream(outcome, reader);
  }
  if (controller.signal.aborted) outcome.end = "left";
  if (timer !== undefined) clock.cancelTimer(timer);
  outcome.endedMs = clock.nowMs();
  return outcome;
}

function bodyOf({ model, stream, tools, images, length }: SimulatedRequest): Uint8Array {
  const text = { type: "text", text: "x".repeat(length) };
  const content = images ? [text, { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }] : text.text;
  const offered = tools ? { tools: [{ type: "function", function: { name: "look", parameters: {} } }] } : {};
  return Buffer.from(JSON.stringify({ model, stream, messages: [{ role: "user", content }], ...offered }));
}

function readWhole(outcome: ClientOutcome, body: Uint8Array): void {
  outcome.text = new TextDecoder().decode(body);
  outcome.end = outcome.status === 200 ? "whole" : "failed";
  outcome.code = codeIn(outcome.text);
}

async function readStream(outcome: ClientOutcome, reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder();
  outcome.end = "broken";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      outcome.text += decoder.decode(value, { stream: true });
    }
    outcome.end = "whole";
  } catch {
    // The connection is reset under a stream that broke; what it said before is in the text.
  }
  outcome.code = codeIn(outcome.text);
}

function codeIn(text: string): string | undefined {
  return /"error":\{[^}]*"code":"([a-z_]+)"/.exec(text)?.[1];
}
