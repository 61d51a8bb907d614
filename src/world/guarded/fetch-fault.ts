/**
 * Why there is no page. `invalid-url`: nothing that may be fetched at all. `denied`: it leads to where a caller may not send the gateway.
 * All others are between us and the site.
 */
export type FetchFault =
  | "invalid-url"
  | "denied"
  | "name-not-found"
  | "unreachable"
  | "tls"
  | "timed-out"
  | "too-many-redirects"
  | "too-long"
  | "invalid-response";

/** A URL of a caller's that was not fetched. The message names no address: what a name resolves to inside is nobody's business. */
export class FetchError extends Error {
  override readonly name = "FetchError";
  readonly fault: FetchFault;

  constructor(fault: FetchFault, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.fault = fault;
  }
}
