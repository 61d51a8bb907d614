import { OmniError } from "../ir/failure.ts";
import { pathOf } from "./host.ts";

/**
 * Reads what stands behind a prefix of the path, decoded.
 * @throws {OmniError} `invalid_request` if the path, once its dot segments are folded, is not below the prefix any more, or is wrongly encoded.
 */
export function decodeRest(url: string, prefix: string): string {
  const path = pathOf(url);
  try {
    if (path.startsWith(prefix)) return decodeURIComponent(path.slice(prefix.length));
  } catch {
    // Falls through to the refusal below: `%zz` is no encoding of anything.
  }
  throw new OmniError("invalid_request", "Cannot read the request's path: it is not canonical.");
}

/** What stands behind the path from `?` on, as it was sent; empty if there is nothing. */
export function queryOf(url: string): string {
  const at = url.indexOf("?");
  return at === -1 ? "" : url.slice(at + 1);
}
