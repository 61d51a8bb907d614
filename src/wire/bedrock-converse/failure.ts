import { type FailureKind, OmniError } from "../../ir/failure.ts";
import { failureOfRefusal } from "../provider-error.ts";

/** What AWS calls what goes wrong. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors */
const KINDS: Readonly<Record<string, FailureKind>> = {
  accessdenied: "upstream_auth",
  expiredtoken: "upstream_auth",
  incompletesignature: "upstream_auth",
  invalidsignature: "upstream_auth",
  unrecognizedclient: "upstream_auth",
  internalserver: "upstream_failed",
  modelerror: "upstream_failed",
  modelstreamerror: "upstream_failed",
  modelnotready: "upstream_overloaded",
  modeltimeout: "upstream_timeout",
  resourcenotfound: "upstream_model_unknown",
  servicequotaexceeded: "rate_limited",
  serviceunavailable: "upstream_overloaded",
  throttling: "rate_limited",
  validation: "upstream_rejected",
};

const SAID: Readonly<Partial<Record<FailureKind, string>>> = {
  upstream_auth: "The provider refused the gateway's credential.",
  upstream_failed: "The provider failed.",
  upstream_overloaded: "The provider is overloaded.",
  upstream_timeout: "The provider gave up waiting.",
  upstream_model_unknown: "The provider does not have this model, or not for this account.",
  rate_limited: "The provider refused to do more work now: the gateway's limit or quota there is used up.",
};

const NO_MODEL = /model identifier is invalid|on-demand throughput isn.t supported/i;

/** Reads a refusal, whose kind stands in a header, maybe with an address behind it. */
export function decodeRefusal(status: number, headers: { get(name: string): string | null }, body: Uint8Array, epochMs: number): OmniError {
  const failure = failureOfRefusal(status, headers, body, epochMs);
  const named = kindNamed(headers.get("x-amzn-errortype")?.split(":")[0]) ?? failure.kind;
  const kind = named === "upstream_rejected" && NO_MODEL.test(failure.message) ? "upstream_model_unknown" : named;
  if (kind === failure.kind || (kind === "upstream_rejected" && failure.kind.startsWith("reasoning_"))) return failure;
  const { retryAfterMs } = failure;
  return new OmniError(kind, SAID[kind] ?? failure.message, { cause: failure, ...(retryAfterMs !== undefined && { retryAfterMs }) });
}

/**
 * Makes a failure of what a stream says in the place of an event.
 * @param name Such as `throttlingException`.
 * @param message In AWS's words; only those about a fault of the request are told.
 */
export function failureNamed(name: string, message: string | undefined): OmniError {
  const kind = kindNamed(name) ?? "upstream_failed";
  return new OmniError(
    kind,
    (kind === "upstream_rejected" ? message?.slice(0, 2000) : undefined) ?? SAID[kind] ?? "The provider refused the request.",
  );
}

function kindNamed(name: string | undefined): FailureKind | undefined {
  const stem = name?.toLowerCase().replace(/exception$/, "");
  return stem !== undefined && Object.hasOwn(KINDS, stem) ? KINDS[stem] : undefined;
}
