import { type FailureKind, OmniError } from "../../ir/failure.ts";
import type { Fields } from "../fields.ts";

const KINDS: ReadonlyMap<string, FailureKind> = new Map([
  ["invalid_request_error", "upstream_rejected"],
  ["request_too_large", "upstream_rejected"],
  ["authentication_error", "upstream_auth"],
  ["permission_error", "upstream_auth"],
  ["billing_error", "upstream_auth"],
  ["not_found_error", "upstream_model_unknown"],
  ["rate_limit_error", "rate_limited"],
  ["overloaded_error", "upstream_overloaded"],
  ["timeout_error", "upstream_timeout"],
  ["api_error", "upstream_failed"],
]);

/** Reads the error object of the Messages format, as it stands in a stream. */
export function decodeError(event: Fields): OmniError {
  const error = event.objectMaybe("error");
  const kind = KINDS.get(error?.stringMaybe("type") ?? "") ?? "upstream_failed";
  return new OmniError(kind, error?.stringMaybe("message") ?? "The provider failed and did not say why.");
}
