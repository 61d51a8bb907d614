import { type FailureKind, OmniError, type OmniErrorOptions } from "../ir/failure.ts";
import { retryAfterMs } from "./retry-after.ts";

/** What a provider's error body says, whatever its shape. */
export interface ProviderError {
  readonly message: string | undefined;
  /** Codes and types, by which providers name what is wrong. Lower case. */
  readonly names: readonly string[];
  readonly param: string | undefined;
  /** The status that stands in the body. */
  readonly status: number | undefined;
  /** Whether it has an `error` as OpenAI's clients look for. */
  readonly hasError: boolean;
}

/** Reads an error body. @returns undefined if it is no JSON object: a web page, for one. */
export function readProviderError(body: Uint8Array): ProviderError | undefined {
  const json = objectOf(body);
  if (json === undefined) return undefined;
  const error = json["error"];
  // OpenAI, Anthropic, Google, Azure and OpenRouter have an object there; xAI and Ollama a text, with the rest beside it.
  const inner = isObject(error) ? error : json;
  const names = [inner["code"], inner["type"], inner["status"]].filter((name) => typeof name === "string");
  return {
    message: messageOf(error) ?? messageOf(json),
    names: names.map((name) => name.toLowerCase()),
    param: typeof inner["param"] === "string" ? inner["param"] : undefined,
    status: statusOf(inner["code"]) ?? statusOf(inner["status_code"]) ?? statusOf(inner["status"]),
    hasError: isObject(error) || (typeof error === "string" && error !== ""),
  };
}

/** What names mean in an error that came without a status of its own, such as one in the middle of a stream. */
const NAMED: readonly (readonly [RegExp, number])[] = [
  [/quota|rate_?limit|too_many_requests|resource_exhausted/, 429],
  [/authentication|invalid_api_key|permission|unauthorized|unauthenticated|billing/, 401],
  [/overloaded|unavailable|capacity/, 503],
  [/timeout|deadline/, 408],
  [/not_found/, 404],
  [/too_large/, 413],
  [/invalid_request|invalid_argument|context_length|content_filter|content_policy|tool_use_failed/, 400],
];

/** The status that an error stands for which came inside a 200; 502 if it does not tell. */
export function statusWithin(error: ProviderError): number {
  if (error.status !== undefined) return error.status;
  return NAMED.find(([pattern]) => error.names.some((name) => pattern.test(name)))?.[1] ?? 502;
}

const QUOTA = /quota|rate_?limit|too_many_requests|resource_exhausted|billing_hard_limit/;
const CONTENT = /content_policy|content_filter|moderation/;
const CAPACITY = /overloaded|capacity/;
// xAI and Google answer 400 to a wrong key, and only the words tell.
const KEY = /(?:incorrect|invalid|missing|expired) api[ _-]?key|api[ _-]?key (?:not valid|not found|expired|is invalid)/i;
// Anthropic answers 400 to an account without money.
const CREDIT = /credit balance is too low/i;
const MODEL = /\bmodels?\b|\bdeployment\b/i;
const NO_MODEL = /not a valid model|\bmodel\b.{0,200}\b(?:does not exist|not found)\b/is;

// OpenAI and its like have a code for it; Anthropic, Google and Bedrock only tell it in words.
const TOO_LONG_NAME = /context_length|context_window/;
const TOO_LONG =
  /maximum context length|prompt is too long|input (?:is too long|length and `max_tokens` exceed)|exceeds? the (?:maximum|model'?s?) (?:context|number of (?:input )?tokens)|input token count.{0,60}exceeds/i;

// Anthropic's, OpenAI's, Google's, DeepSeek's and Moonshot's words for reasoning that they did not make, or miss.
const REASONING_WRONG = [
  /invalid `?signature`? in `?thinking/i,
  /expected `?thinking`? or `?redacted_thinking`?/i,
  /thinking`?.{0,40} blocks?.{0,80}cannot be modified/i,
  /encrypted content.{0,120}could not be (?:verified|decrypted|parsed)/i,
  /of type 'reasoning' was provided without its required following item/i,
  /was provided without its required 'reasoning' item/i,
  /thought[_ ]?signature.{0,40}(?:not valid|invalid|is required)|(?:missing a|corrupted) thought[_ ]?signature/i,
  /reasoning_content.{0,80}(?:not (?:allowed|supported|permitted)|unsupported)/i,
];
const REASONING_MISSING = /reasoning_content.{0,80}(?:is missing|must be (?:passed|provided|included|sent)|is required)/i;

/** Says what a refusal means. @param error What its body says, if it is readable. */
export function kindOfRefusal(status: number, error: ProviderError | undefined): FailureKind {
  if (status < 400) return "upstream_invalid";
  if (status >= 500) return status === 503 || status === 529 ? "upstream_overloaded" : "upstream_failed";
  if (status === 401 || status === 402) return "upstream_auth";
  if (status === 408) return "upstream_timeout";
  if (status === 429) return "rate_limited";
  const named = (pattern: RegExp): boolean => error?.names.some((name) => pattern.test(name)) ?? false;
  const message = error?.message ?? "";
  if (named(QUOTA)) return "rate_limited";
  if (named(CONTENT)) return "upstream_rejected";
  if (status === 403 || named(/invalid_api_key/) || KEY.test(message) || CREDIT.test(message)) return "upstream_auth";
  if (named(CAPACITY)) return "upstream_overloaded";
  if (named(/model_not_found|deploymentnotfound/) || (status === 404 ? MODEL : NO_MODEL).test(message)) return "upstream_model_unknown";
  if ((status === 400 || status === 413) && (named(TOO_LONG_NAME) || TOO_LONG.test(message))) return "context_length_exceeded";
  if (status === 400 || status === 422) {
    if (REASONING_MISSING.test(message)) return "reasoning_missing";
    if (named(/invalid_encrypted_content/) || REASONING_WRONG.some((pattern) => pattern.test(message))) return "reasoning_refused";
  }
  return "upstream_rejected";
}

const FAULTS_OF_REQUEST: ReadonlySet<FailureKind> = new Set([
  "upstream_rejected",
  "context_length_exceeded",
  "reasoning_refused",
  "reasoning_missing",
]);

/** Whether it is the request that is at fault, so that the client is told in the provider's own words. */
function isOfRequest(kind: FailureKind): boolean {
  return FAULTS_OF_REQUEST.has(kind);
}

/**
 * Makes a failure of an answer with a status other than 2xx.
 * Only a fault of the request is told in the provider's own words; those about our account or its health are not the client's business.
 */
export function failureOfRefusal(
  status: number,
  headers: { get(name: string): string | null },
  body: Uint8Array,
  epochMs: number,
): OmniError {
  const error = readProviderError(body);
  const kind = kindOfRefusal(status, error);
  const waitMs = retryAfterMs(headers, epochMs);
  return new OmniError(kind, messageFor(kind, status, error), {
    ...optionsFor(kind, status, error),
    ...(waitMs !== undefined && !isOfRequest(kind) && { retryAfterMs: waitMs }),
    ...(isOfRequest(kind) && error?.hasError === true && { body }),
  });
}

/**
 * Makes a failure of an error that stands inside a 2xx answer.
 * @param body The error's JSON. It becomes a part of the failure unless it is about our credential.
 */
export function failureWithin(body: Uint8Array): OmniError {
  const error = readProviderError(body);
  if (error === undefined) return new OmniError("upstream_failed", "The provider failed, and did not say why in a way that can be read.");
  const status = statusWithin(error);
  const kind = kindOfRefusal(status, error);
  return new OmniError(kind, messageFor(kind, status, error), {
    ...optionsFor(kind, status, error),
    ...(kind !== "upstream_auth" && error.hasError && { body }),
  });
}

function optionsFor(kind: FailureKind, status: number, error: ProviderError | undefined): OmniErrorOptions {
  if (kind === "upstream_failed") return { status };
  if (!isOfRequest(kind)) return {};
  return { status, ...(error?.param !== undefined && { param: error.param }) };
}

/** A provider's message is cut here. Long ones repeat what was sent. */
const MESSAGE_LENGTH_MAX = 2000;

function messageFor(kind: FailureKind, status: number, error: ProviderError | undefined): string {
  switch (kind) {
    case "upstream_auth":
      return status === 402
        ? "The provider refuses to work before it is paid (402): the gateway's account there needs attention to its billing."
        : `The provider refused the gateway's credential (${status}).`;
    case "rate_limited":
      return `The provider refused to do more work now (${status}): the gateway's limit or quota there is used up.`;
    case "upstream_overloaded":
      return `The provider is overloaded (${status}).`;
    case "upstream_timeout":
      return `The provider gave up waiting (${status}).`;
    case "upstream_model_unknown":
      return `The provider does not have this model, or not for this account (${status}).`;
    case "upstream_invalid":
      return `The provider answered with status ${status}, which is none that the protocol has.`;
    case "context_length_exceeded":
    case "reasoning_refused":
    case "reasoning_missing":
    case "upstream_rejected":
      return error?.message === undefined
        ? `The provider refused the request (${status}), and did not say why in a way that can be read.`
        : error.message.slice(0, MESSAGE_LENGTH_MAX);
    default:
      return `The provider failed (${status}).`;
  }
}

function messageOf(value: unknown): string | undefined {
  if (typeof value === "string" && value !== "") return value;
  if (!isObject(value)) return undefined;
  const message = value["message"] ?? value["Message"] ?? value["detail"];
  if (typeof message === "string") return message;
  return message === undefined || message === null ? undefined : JSON.stringify(message); // Mistral's 422: a list of faults.
}

function statusOf(value: unknown): number | undefined {
  const status = typeof value === "string" && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === "number" && Number.isInteger(status) && status >= 400 && status <= 599 ? status : undefined;
}

function objectOf(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(body).toString());
    // Google wraps it in a list when a stream was asked for.
    const first: unknown = Array.isArray(json) ? json[0] : json;
    return isObject(first) ? first : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
