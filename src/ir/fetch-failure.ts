import { FetchError } from "../world/guarded/fetch-fault.ts";
import { OmniError } from "./failure.ts";

/**
 * What it means for a client that something it named by URL was not fetched.
 * @param error What `guardedFetch` or `checkUrl` threw. Anything but a `FetchError` comes back as it is.
 */
export function failureOfFetch(error: unknown): unknown {
  if (!(error instanceof FetchError)) return error;
  const { message, fault } = error;
  switch (fault) {
    case "invalid-url":
      return new OmniError("invalid_url", message, { param: "url", cause: error });
    case "denied":
      return new OmniError("blocked", message, { param: "url", cause: error });
    case "too-long":
      return new OmniError("page_unreadable", message, { param: "url", cause: error });
    case "name-not-found":
    case "unreachable":
    case "tls":
    case "timed-out":
    case "too-many-redirects":
    case "invalid-response":
      return new OmniError("page_unavailable", message, { param: "url", cause: error });
    default:
      return fault satisfies never;
  }
}
