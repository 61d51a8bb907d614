/** Whose doing a failure is; health is charged accordingly, and a client's doing is charged to nobody. */
export type Blame = "client" | "gateway" | "account" | "provider" | "model";

/**
 * Whether the exchange may go on to another attempt.
 * `never`: the answer would be the same everywhere. `elsewhere`: only at another target.
 * `anywhere`: the provider did no work, so the same target may be asked again as well.
 * `once`: the work may have been done and billed already. Another target may be asked, since the operator listed it for that;
 * the same target is asked again at most once in an exchange.
 */
export type Retry = "never" | "elsewhere" | "anywhere" | "once";

/** A line of the table. */
export interface FailureRow {
  readonly blame: Blame;
  /** The client's status. `carried` failures take the provider's own when it gave one. */
  readonly status: number;
  readonly retry: Retry;
  /** OpenAI's `type`, which clients of that family look at. */
  readonly type: "invalid_request_error" | "authentication_error" | "permission_error" | "rate_limit_error" | "server_error";
}

const row = (blame: Blame, status: number, retry: Retry, type: FailureRow["type"]): FailureRow => ({ blame, status, retry, type });

/** The name of a failure, which is also the `code` that clients see. */
export type FailureKind =
  | "malformed_json"
  | "invalid_request"
  | "invalid_host"
  | "invalid_model"
  | "invalid_provider"
  | "invalid_api_key"
  | "forbidden"
  | "not_found"
  | "method_not_allowed"
  | "request_timeout"
  | "request_too_large"
  | "unsupported_media_type"
  | "idempotency_in_flight"
  | "idempotency_mismatch"
  | "client_closed"
  | "overloaded"
  | "shutting_down"
  | "hedge_lost"
  | "circuit_open"
  | "deadline_exceeded"
  | "internal_error"
  | "budget_exceeded"
  | "ledger_unavailable"
  | "rate_limited"
  | "upstream_auth"
  | "upstream_rejected"
  | "upstream_model_unknown"
  | "context_length_exceeded"
  | "reasoning_refused"
  | "reasoning_missing"
  | "previous_response_not_found"
  | "lossy_translation"
  | "input_too_long"
  | "invalid_encoding_format"
  | "invalid_size"
  | "invalid_voice"
  | "invalid_file_format"
  | "file_too_large"
  | "content_policy_violation"
  | "unsupported_by_model"
  | "query_too_long"
  | "invalid_url"
  | "blocked"
  | "page_unavailable"
  | "page_unreadable"
  | "upstream_unreachable"
  | "upstream_overloaded"
  | "upstream_failed"
  | "upstream_reset"
  | "upstream_timeout"
  | "upstream_truncated"
  | "upstream_invalid";

/** All that can go wrong. The key is the `code` that clients see. */
export const FAILURES: Readonly<Record<FailureKind, FailureRow>> = {
  // What the client did.
  malformed_json: row("client", 400, "never", "invalid_request_error"),
  invalid_request: row("client", 400, "never", "invalid_request_error"),
  invalid_host: row("client", 400, "never", "invalid_request_error"),
  invalid_model: row("client", 400, "never", "invalid_request_error"),
  invalid_provider: row("client", 400, "never", "invalid_request_error"),
  invalid_api_key: row("client", 401, "never", "authentication_error"),
  forbidden: row("client", 403, "never", "permission_error"),
  not_found: row("client", 404, "never", "invalid_request_error"),
  method_not_allowed: row("client", 405, "never", "invalid_request_error"),
  request_timeout: row("client", 408, "never", "invalid_request_error"),
  request_too_large: row("client", 413, "never", "invalid_request_error"),
  unsupported_media_type: row("client", 415, "never", "invalid_request_error"),
  /** The same request, by its `Idempotency-Key`, is being answered already. */
  idempotency_in_flight: row("client", 409, "never", "invalid_request_error"),
  /** The `Idempotency-Key` was that of another request. */
  idempotency_mismatch: row("client", 422, "never", "invalid_request_error"),
  client_closed: row("client", 499, "never", "invalid_request_error"),
  // What the gateway decided.
  overloaded: row("gateway", 503, "never", "server_error"),
  shutting_down: row("gateway", 503, "never", "server_error"),
  /** Another attempt was quicker. No client ever sees it. */
  hedge_lost: row("gateway", 500, "never", "server_error"),
  circuit_open: row("gateway", 503, "elsewhere", "server_error"),
  deadline_exceeded: row("gateway", 504, "never", "server_error"),
  internal_error: row("gateway", 500, "never", "server_error"),
  /** A limit of money that the operator set. Not 429, which clients would try again after a moment. */
  budget_exceeded: row("gateway", 402, "never", "rate_limit_error"),
  /** What a request would cost can not be recorded, so it is not made. */
  ledger_unavailable: row("gateway", 503, "never", "server_error"),
  // What a provider did.
  /** A 429, or what a vendor says instead of one. */
  rate_limited: row("account", 429, "elsewhere", "rate_limit_error"),
  /** Our credential was refused: never the client's 401. */
  upstream_auth: row("account", 502, "elsewhere", "server_error"),
  /** The provider found fault with the request itself; its status and words go to the client. */
  upstream_rejected: row("client", 400, "never", "invalid_request_error"),
  /** The provider does not have this model, or not for us. */
  upstream_model_unknown: row("model", 404, "elsewhere", "invalid_request_error"),
  /** The request is longer than what this model takes, in the word that OpenAI's clients know; its provider's own words go to the client. */
  context_length_exceeded: row("model", 400, "elsewhere", "invalid_request_error"),
  /** The provider can not verify reasoning in the history, or takes none back. The gateway tries once more without it. */
  reasoning_refused: row("client", 400, "never", "invalid_request_error"),
  /** The provider wants its reasoning back, and the history has it not. The gateway tries once more with what it remembers. */
  reasoning_missing: row("client", 400, "never", "invalid_request_error"),
  /** The request goes on from words that another vendor keeps, in the word that OpenAI's clients know: they then send all of them. */
  previous_response_not_found: row("client", 400, "elsewhere", "invalid_request_error"),
  // What one model can not do, and another may: found out before anything is sent wherever the model's sheet tells it.
  input_too_long: row("client", 400, "elsewhere", "invalid_request_error"),
  invalid_encoding_format: row("client", 400, "never", "invalid_request_error"),
  invalid_size: row("client", 400, "elsewhere", "invalid_request_error"),
  invalid_voice: row("client", 400, "elsewhere", "invalid_request_error"),
  invalid_file_format: row("client", 400, "elsewhere", "invalid_request_error"),
  file_too_large: row("client", 400, "elsewhere", "invalid_request_error"),
  /** The provider will not do it for what it is asked for; to ask around until somebody does is not the gateway's business. */
  content_policy_violation: row("client", 400, "never", "invalid_request_error"),
  /** What is asked for is nothing that this model does; another may. */
  unsupported_by_model: row("client", 400, "elsewhere", "invalid_request_error"),
  query_too_long: row("client", 400, "elsewhere", "invalid_request_error"),
  invalid_url: row("client", 400, "never", "invalid_request_error"),
  /** The site does not let this provider in. */
  blocked: row("client", 403, "elsewhere", "permission_error"),
  /** The target's format has no place for something that the request says, and the operator wants nothing lost. Nothing was sent. */
  lossy_translation: row("client", 400, "elsewhere", "invalid_request_error"),
  /** The site does not give the page to this provider: it can not be reached, or it answers with an error. Its doing, and not the provider's. */
  page_unavailable: row("client", 502, "elsewhere", "server_error"),
  /** The page is there, and this provider can make nothing of it: it is a video, or too long. */
  page_unreadable: row("client", 422, "elsewhere", "invalid_request_error"),
  /** Nothing reached the provider. */
  upstream_unreachable: row("provider", 502, "anywhere", "server_error"),
  /** The provider said at once that it can not serve now (503, 529), having done no work. */
  upstream_overloaded: row("provider", 503, "anywhere", "server_error"),
  /** The provider failed (5xx), maybe after doing the work. */
  upstream_failed: row("provider", 502, "once", "server_error"),
  /** The connection broke after the request was sent. */
  upstream_reset: row("provider", 502, "once", "server_error"),
  upstream_timeout: row("provider", 504, "once", "server_error"),
  /** The answer ended before its protocol's own end. */
  upstream_truncated: row("provider", 502, "once", "server_error"),
  /** The answer is not what the protocol says: no JSON, no choices, a web page, too large. */
  upstream_invalid: row("provider", 502, "once", "server_error"),
};

/** What an `OmniError` may say besides its kind and its message. */
export interface OmniErrorOptions {
  readonly cause?: unknown;
  /** The status to send instead of the table's: the provider's own, where it is carried over. */
  readonly status?: number;
  /** How long to wait before asking again, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The field of the request that is at fault, such as `model`. */
  readonly param?: string;
  /** The provider's error body, when the client speaks the same format and may see it as it is. */
  readonly body?: Uint8Array;
}

/** The one class of errors that are meant to be seen. Anything else that is thrown is a bug and becomes `internal_error`. */
export class OmniError extends Error {
  override readonly name = "OmniError";
  readonly kind: FailureKind;
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly param: string | undefined;
  readonly body: Uint8Array | undefined;

  constructor(kind: FailureKind, message: string, options: OmniErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.status = options.status ?? FAILURES[kind].status;
    this.retryAfterMs = options.retryAfterMs;
    this.param = options.param;
    this.body = options.body;
  }
}
