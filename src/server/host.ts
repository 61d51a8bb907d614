import { OmniError } from "../ir/failure.ts";

// A name, an IPv4 address or an IPv6 address in brackets, and maybe a port. Underscores occur in names of containers.
const HOST = /^(?:[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_.])?|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?$/i;
const LOOPBACK = /^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?$/i;

// Clients come back with the host that they came with last time, so that one comparison is nearly always enough.
let hostLast = "";

/**
 * Refuses a request whose `Host` is missing, doubled (Bun joins the two with a comma) or no host at all: with one of those, `request.url` is relative
 * or names another path. On the hot path; allocates nothing.
 * @throws {OmniError} `invalid_host`.
 */
export function checkHost(request: Request): void {
  const host = request.headers.get("host");
  if (host === hostLast && host !== "") return;
  if (host === null || !HOST.test(host)) {
    throw new OmniError(
      "invalid_host",
      "Cannot read the request's Host header: there must be exactly one, a name or an address, with a port if need be.",
    );
  }
  hostLast = host;
}

/** Whether a `Host` header or the host of an address names this machine alone. Such a name can not be made to point elsewhere by DNS. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK.test(host);
}

/** Whether a listening address is reached from this machine alone. */
export function isLoopbackAddress(hostname: string): boolean {
  return isLoopbackHost(hostname.includes(":") ? `[${hostname}]` : hostname);
}

/** The path of a request's absolute address, dot segments folded, without its query. The host has been checked, so there is one. */
export function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const query = url.search(/[?#]/);
  return url.slice(start, query === -1 ? undefined : query);
}
