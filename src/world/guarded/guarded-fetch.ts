import { isIP } from "node:net";
import type { CancelSignal } from "../cancellation.ts";
import type { Clock } from "../clock.ts";
import { type Network, NetworkError, type NetworkResponse } from "../network.ts";
import { networkErrorOf } from "../network-fetch.ts";
import { isPublicAddress, isSameAddress } from "./address.ts";
import { checkUrl, denied, type FetchRules, hostOf, isPrivateHostAllowed } from "./check-url.ts";
import { FetchError } from "./fetch-fault.ts";

/** Limits and allowances of a fetch on a caller's behalf. */
export interface GuardedFetchOptions extends FetchRules {
  /** For everything: names, connections, redirects and the body. Default 10,000. */
  readonly timeMsMax?: number;
  /** Of the body, when it is decompressed. Default 5 MiB. */
  readonly bodyBytesMax?: number;
  /** Default 3. */
  readonly redirectsMax?: number;
  /** What is asked for, as an `accept` header. Default: anything. */
  readonly accept?: string;
  /** Aborted when the caller is gone; its reason is then thrown. */
  readonly signal?: CancelSignal;
}

/** What a site answered, whatever its status: a 404 is a page too. */
export interface FetchedPage {
  /** Where it was found in the end. */
  readonly url: string;
  readonly status: number;
  /** As the site said it; empty if it did not. */
  readonly contentType: string;
  /** Decompressed. */
  readonly body: Uint8Array;
}

const TIME_MS_MAX = 10_000;
const BODY_BYTES_MAX = 5 * 1024 * 1024;
const REDIRECTS_MAX = 3;
/** Of the addresses that a name has, so many are tried. */
const ADDRESSES_MAX = 4;
/** It says who asks, and where to read about it; nothing of the caller. */
const USER_AGENT = "Mozilla/5.0 (compatible; Omni/1.0)";

/**
 * Fetches a URL that a caller gave, and never anything inside.
 *
 * Every address of the host has to be public, and the connection goes to the one that was looked at: a name service that answers otherwise the next time
 * changes nothing. Certificates are checked for the name. Redirects start all over, and lead from https to https alone. There are no cookies, no
 * credentials, no proxy and no header of a caller's in it. Use it for whatever a request names by URL.
 *
 * @throws {FetchError} If there is no page.
 */
export async function guardedFetch(
  world: { readonly clock: Clock; readonly network: Network },
  url: string,
  options: GuardedFetchOptions = {},
): Promise<FetchedPage> {
  const { timeMsMax = TIME_MS_MAX, redirectsMax = REDIRECTS_MAX, signal } = options;
  signal?.throwIfAborted();
  const ending = new AbortController();
  const leave = (): void => ending.abort(signal?.reason);
  signal?.addEventListener("abort", leave);
  const timer = world.clock.startTimer(timeMsMax, () =>
    ending.abort(new FetchError("timed-out", `Cannot fetch this URL: the site took longer than ${timeMsMax} ms.`)),
  );
  try {
    let next = checkUrl(url, options);
    for (let redirects = 0; ; redirects++) {
      const response = await visit(world.network, next, options, ending.signal);
      const target = redirectOf(response, next);
      if (target === undefined) return await pageOf(response, next, options.bodyBytesMax ?? BODY_BYTES_MAX);
      response.body?.cancel().catch(() => {});
      if (redirects === redirectsMax)
        throw new FetchError("too-many-redirects", `Cannot fetch this URL: it redirects more than ${redirectsMax} times.`);
      next = followed(next, target, options);
    }
  } catch (error) {
    ending.signal.throwIfAborted();
    throw error;
  } finally {
    world.clock.cancelTimer(timer);
    signal?.removeEventListener("abort", leave);
    // Whatever is still open is of no use to anybody.
    ending.abort();
  }
}

/** One request at one host, at the addresses that were found good. */
async function visit(network: Network, url: URL, options: GuardedFetchOptions, signal: CancelSignal): Promise<NetworkResponse> {
  const addresses = await vettedAddresses(network, hostOf(url), options, signal);
  let failure: unknown;
  for (const address of addresses.slice(0, ADDRESSES_MAX)) {
    const session = network.open({ address });
    try {
      return await session.send({
        method: "GET",
        url: url.href,
        headers: {
          accept: options.accept ?? "*/*",
          "accept-encoding": "gzip, deflate, br",
          "accept-language": "en, *;q=0.5",
          "user-agent": USER_AGENT,
        },
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
      if (!(error instanceof NetworkError) || error.sent) break;
    } finally {
      // The connection under way lives on; nothing is kept for another caller.
      session.close();
    }
  }
  throw faultOfNetwork(failure);
}

/** @throws {FetchError} If one address of the host is not public: a name with two faces is refused for both. */
async function vettedAddresses(network: Network, host: string, rules: FetchRules, signal: CancelSignal): Promise<readonly string[]> {
  const addresses = isIP(host) !== 0 ? [host] : await resolved(network, host, signal);
  if (isPrivateHostAllowed(host, rules)) return addresses;
  const own = network.ownAddresses();
  for (const address of addresses) {
    if (!isPublicAddress(address) || own.some((other) => isSameAddress(other, address))) throw denied("its host");
  }
  return addresses;
}

async function resolved(network: Network, host: string, signal: CancelSignal): Promise<readonly string[]> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    const addresses = await Promise.race([network.resolve(host), aborted]);
    if (addresses.length > 0) return addresses;
  } catch (cause) {
    signal.throwIfAborted();
    throw new FetchError("name-not-found", "Cannot fetch this URL: its host has no address.", { cause });
  } finally {
    signal.removeEventListener("abort", abort);
  }
  throw new FetchError("name-not-found", "Cannot fetch this URL: its host has no address.");
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

function redirectOf({ status, headers }: NetworkResponse, from: URL): URL | undefined {
  const location = headers.get("location");
  if (!REDIRECTS.has(status) || location === null) return undefined;
  const target = URL.parse(location, from);
  if (target === null) throw new FetchError("invalid-response", "Cannot fetch this URL: it redirects to what is no URL.");
  return target;
}

/** Where a redirect leads, looked at as if the caller had named it. That it did not is no reason to call its own URL invalid. */
function followed(from: URL, target: URL, rules: FetchRules): URL {
  let next: URL;
  try {
    next = checkUrl(target.href, rules);
  } catch (cause) {
    throw new FetchError("denied", "Cannot fetch this URL: it redirects to where nobody may be sent.", { cause });
  }
  if (from.protocol === "https:" && next.protocol === "http:")
    throw new FetchError("denied", "Cannot fetch this URL: it redirects from https to http.");
  return next;
}

async function pageOf(response: NetworkResponse, url: URL, bytesMax: number): Promise<FetchedPage> {
  const { status, headers } = response;
  return { url: url.href, status, contentType: headers.get("content-type") ?? "", body: await bodyOf(response, bytesMax) };
}

/** Reads piece by piece, so that what is too long, or becomes so when it is decompressed, is cut off there. */
async function bodyOf({ body, headers }: NetworkResponse, bytesMax: number): Promise<Uint8Array> {
  const tooLong = (): FetchError => new FetchError("too-long", `Cannot fetch this URL: what lies there is longer than ${bytesMax} bytes.`);
  if (Number(headers.get("content-length") ?? 0) > bytesMax) throw tooLong();
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return Buffer.concat(pieces, length);
      pieces.push(value);
      length += value.length;
      if (length > bytesMax) throw tooLong();
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error instanceof FetchError ? error : faultOfNetwork(error);
  }
}

function faultOfNetwork(cause: unknown): FetchError {
  const { fault } = networkErrorOf(cause);
  switch (fault) {
    case "name-not-found":
    case "refused":
    case "reset":
    case "other":
      return new FetchError("unreachable", "Cannot fetch this URL: the site can not be reached.", { cause });
    case "timed-out":
      return new FetchError("timed-out", "Cannot fetch this URL: the site does not answer.", { cause });
    case "tls":
      return new FetchError("tls", "Cannot fetch this URL: the site's certificate does not hold.", { cause });
    case "invalid-response":
      return new FetchError("invalid-response", "Cannot fetch this URL: the site's answer is not proper HTTP.", { cause });
    default:
      return fault satisfies never;
  }
}
