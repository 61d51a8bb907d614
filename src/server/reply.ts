import type { Reply } from "../gateway/gateway.ts";
import { type FailureKind, OmniError } from "../ir/failure.ts";
import type { Log } from "../telemetry/log.ts";
import type { Downstream } from "../wire/wire.ts";

/** Bytes as `Response` wants them: none of ours lie in shared memory, which is all that its type asks beyond ours. */
type Body = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;

/** What is put on every answer that does not come from the gateway's own exchange. */
export interface AnswerStamp {
  readonly requestId: string;
  /** The hash of the plan in force; `none` before the first. */
  readonly config: string;
}

/** Sends what the gateway made. On the hot path: allocates the `Response`. Nothing of ours stands between a stream and the socket. */
export function respond(reply: Reply): Response {
  return new Response(reply.body as Body, { status: reply.status, headers: reply.headers });
}

/** The headers of an answer that the server makes itself. */
export function stampHeaders(stamp: AnswerStamp, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { ...more, "x-omni-request-id": stamp.requestId, "x-omni-config": stamp.config, "x-content-type-options": "nosniff" };
}

/** Sends a value as JSON. */
export function respondJson(value: unknown, stamp: AnswerStamp, status = 200, more: Readonly<Record<string, string>> = {}): Response {
  const headers = stampHeaders(stamp, { "content-type": "application/json", "cache-control": "no-store", ...more });
  return new Response(JSON.stringify(value), { status, headers });
}

/**
 * Says no, in the words of a format's clients.
 * @param caught An `OmniError` is shown as it is; anything else is a bug, and its text stays inside.
 */
export function refuse(caught: unknown, downstream: Downstream, stamp: AnswerStamp, more: Readonly<Record<string, string>> = {}): Response {
  const error =
    caught instanceof OmniError
      ? caught
      : new OmniError("internal_error", "Cannot answer: the gateway failed. Its log tells more.", { cause: caught });
  const headers = stampHeaders(stamp, { "content-type": "application/json", "cache-control": "no-store", ...more });
  if (error.retryAfterMs !== undefined) headers["retry-after"] = String(Math.ceil(error.retryAfterMs / 1000));
  // The rest of a body that was not read would be waited for, and there may be no end of it.
  if (UNREAD.has(error.kind)) headers["connection"] = "close";
  const status = downstream.statusOf?.(error) ?? error.status;
  return new Response(downstream.encodeError(error, stamp.requestId) as Body, { status, headers });
}

const UNREAD: ReadonlySet<FailureKind> = new Set([
  "request_too_large",
  "request_timeout",
  "unsupported_media_type",
  "invalid_host",
  "client_closed",
]);

/** Tells the log of a programmer's mistake that a request brought to light. Its client only hears of its id. */
export function logMistake(log: Log, error: unknown, requestId: string): void {
  log.write("error", "mistake", { requestId, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
