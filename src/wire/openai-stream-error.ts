import { type FailureKind, OmniError } from "../ir/failure.ts";
import { type Json, numberOf } from "../ir/json.ts";
import type { Fields } from "./fields.ts";

/** What a code, a type or a status means. Providers put any of the three into any of the fields. */
const KINDS: ReadonlyMap<string, FailureKind> = new Map([
  ...(["400", "404", "413", "422", "invalid_request_error", "context_length_exceeded"] as const).map(
    (word) => [word, "upstream_rejected"] as const,
  ),
  ...(["401", "403", "authentication_error", "permission_error"] as const).map((word) => [word, "upstream_auth"] as const),
  ...(["402", "429", "rate_limit_error", "rate_limit_exceeded", "insufficient_quota", "too_many_requests"] as const).map(
    (word) => [word, "rate_limited"] as const,
  ),
  ...(["503", "529", "overloaded_error"] as const).map((word) => [word, "upstream_overloaded"] as const),
  ...(["408", "504", "timeout_error"] as const).map((word) => [word, "upstream_timeout"] as const),
]);

/** Reads an error that stands in the middle of a stream, or in a 200: an object in `error`, a plain string there, or the object itself. */
export function decodeStreamError(owner: Fields): OmniError {
  const text = owner.json["error"];
  if (typeof text === "string") return new OmniError("upstream_failed", text);
  const error = owner.objectMaybe("error") ?? owner;
  const words = [error.json["code"], error.json["type"], error.json["status_code"]].map(wordOf);
  const kind = words.map((word) => KINDS.get(word)).find((found) => found !== undefined) ?? "upstream_failed";
  const message = error.json["message"];
  return new OmniError(kind, typeof message === "string" ? message : "The provider failed and did not say why.");
}

/** A code may be a number. Anything else is no word. */
function wordOf(value: Json | undefined): string {
  return typeof value === "string" ? value : String(numberOf(value) ?? "");
}
