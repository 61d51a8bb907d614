import type { FailureKind, OmniError } from "../../ir/failure.ts";
import { FAILURES } from "../../ir/failure.ts";

/** Kinds whose name clients of this format look for; the others go by their status. */
const TYPES: ReadonlyMap<FailureKind, string> = new Map([
  ["upstream_overloaded", "overloaded_error"],
  ["overloaded", "overloaded_error"],
  ["request_too_large", "request_too_large"],
  ["not_found", "not_found_error"],
  ["upstream_model_unknown", "not_found_error"],
  ["upstream_timeout", "timeout_error"],
  ["deadline_exceeded", "timeout_error"],
]);

/** An error as clients of the Messages format know it; the same object stands in bodies and in streams. */
export function errorObject(error: OmniError, requestId: string | undefined): { readonly type: "error"; readonly [key: string]: unknown } {
  const general = FAILURES[error.kind].type;
  const type = TYPES.get(error.kind) ?? (general === "server_error" ? "api_error" : general);
  return { type: "error", error: { type, message: error.message }, request_id: requestId ?? null };
}
