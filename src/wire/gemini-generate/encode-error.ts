import type { OmniError } from "../../ir/failure.ts";
import type { JsonObject } from "../../ir/json.ts";

/** Google's names for statuses. https://cloud.google.com/apis/design/errors#handling_errors */
const STATUSES: ReadonlyMap<number, string> = new Map([
  [400, "INVALID_ARGUMENT"],
  [401, "UNAUTHENTICATED"],
  [403, "PERMISSION_DENIED"],
  [404, "NOT_FOUND"],
  [409, "ABORTED"],
  [413, "INVALID_ARGUMENT"],
  [415, "INVALID_ARGUMENT"],
  [429, "RESOURCE_EXHAUSTED"],
  [499, "CANCELLED"],
  [500, "INTERNAL"],
  [501, "UNIMPLEMENTED"],
  [502, "UNAVAILABLE"],
  [503, "UNAVAILABLE"],
  [504, "DEADLINE_EXCEEDED"],
]);

/** An error as clients of Google's interfaces know it; the same object stands in bodies and in streams. */
export function errorObject(error: OmniError, requestId: string | undefined): JsonObject {
  const status = STATUSES.get(error.status) ?? (error.status < 500 ? "FAILED_PRECONDITION" : "UNKNOWN");
  const metadata = { ...(requestId !== undefined && { requestId }), ...(error.param !== undefined && { field: error.param }) };
  const details: JsonObject[] = [
    { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: error.kind.toUpperCase(), domain: "omni", metadata },
  ];
  if (error.retryAfterMs !== undefined)
    details.push({ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: `${error.retryAfterMs / 1000}s` });
  return { error: { code: error.status, message: error.message, status, details } };
}
