import { abortSignalOf } from "./cancellation.ts";
import { ownAddresses, resolveName } from "./names.ts";
import { type Network, NetworkError, type NetworkFault, type NetworkRequest, type NetworkResponse, type Session } from "./network.ts";

/** Below the 60 s after which many providers close what is idle, so that we are the ones who close. */
const IDLE_MS_MAX = 30_000;
/** The socket timer moves in steps of four seconds, and may be two of them late. */
const TIMER_SLACK_MS = 8_000;

/**
 * The real network, on the runtime's own `fetch`.
 * There are no time limits in it: deadlines belong to whoever sends, and come as the request's signal.
 */
export const fetchNetwork: Network = {
  open(options = {}) {
    if (options.address !== undefined)
      throw new Error("The runtime's fetch looks names up itself: only the direct network can be sent to one address.");
    const idleTimeout = Math.max(1, ((options.idleMsMax ?? IDLE_MS_MAX) - TIMER_SLACK_MS) / 1000);
    return new FetchSession(new Bun.FetchSession({ keepAlive: { idleTimeout } }));
  },
  resolve: resolveName,
  ownAddresses,
};

class FetchSession implements Session {
  private readonly session: Bun.FetchSession;

  constructor(session: Bun.FetchSession) {
    this.session = session;
  }

  async send({ method, url, headers, body, signal }: NetworkRequest): Promise<NetworkResponse> {
    try {
      const response = await this.session.fetch(url, {
        method,
        // Compression saves little on a fast line, costs CPU, and holds events back; whoever wants it has to ask for it.
        headers: "accept-encoding" in headers ? headers : { ...headers, "accept-encoding": "identity" },
        // The types exclude shared memory, which no request's body ever is.
        body: (body as Uint8Array<ArrayBuffer> | undefined) ?? null,
        signal: abortSignalOf(signal),
        redirect: "manual",
        timeout: false,
      });
      // A provider that compresses unasked: the runtime has undone it, but left the headers that speak of it.
      if (response.headers.has("content-encoding")) {
        response.headers.delete("content-encoding");
        response.headers.delete("content-length");
      }
      return response;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw networkErrorOf(error);
    }
  }

  close(): void {
    this.session.close();
  }
}

/** What the runtime calls the ways in which nothing reached the other side. Measured with Bun 1.4.5. */
const UNSENT: ReadonlyMap<string, NetworkFault> = new Map([
  ["ECONNREFUSED", "refused"],
  ["EHOSTUNREACH", "refused"],
  ["ENETUNREACH", "refused"],
  ["ENOTFOUND", "name-not-found"],
  ["EAI_AGAIN", "name-not-found"],
  ["EPROTO", "tls"],
  ["ERR_INVALID_URL", "other"],
]);

/** The same for what may have reached it. */
const SENT: ReadonlyMap<string, NetworkFault> = new Map([
  ["ECONNRESET", "reset"],
  ["EPIPE", "reset"],
  ["ETIMEDOUT", "timed-out"],
  ["TimeoutError", "timed-out"],
  ["Malformed_HTTP_Response", "invalid-response"],
  ["InvalidHTTPResponse", "invalid-response"],
  ["ZlibError", "invalid-response"],
]);

/** A certificate that does not hold. The handshake comes before the request, so nothing was sent. */
const CERTIFICATE = /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_VERIFY/;

/**
 * Says what a failed `send`, or a body that broke off while it was read, means for the caller.
 * @param error Anything that was thrown by the runtime, or a `NetworkError`, which comes back as it is.
 */
export function networkErrorOf(error: unknown): NetworkError {
  if (error instanceof NetworkError) return error;
  const code = codeOf(error);
  const unsent = UNSENT.get(code) ?? (CERTIFICATE.test(code) ? "tls" : undefined);
  if (unsent !== undefined) return new NetworkError(unsent, false, { cause: error });
  return new NetworkError(SENT.get(code) ?? "other", true, { cause: error });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.name;
}
