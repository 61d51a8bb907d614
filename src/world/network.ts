import type { CancelSignal } from "./cancellation.ts";
/** What is sent to a provider. Everything in it was built for this one attempt. */
export interface NetworkRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The network reads it and never changes it. */
  readonly body?: Uint8Array | undefined;
  /** Aborted when the client leaves or a deadline passes; the connection is then closed. */
  readonly signal: CancelSignal;
}

/** What a provider answered; a native `Response` is one. The body is read once, by `body` or by `bytes`. */
export interface NetworkResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: ReadableStream<Uint8Array> | null;
  bytes(): Promise<Uint8Array>;
}

/** Connections to one provider: its own pool, its own settings. */
export interface Session {
  /**
   * Sends one request; resolves when the head of the answer is there. Redirects are not followed.
   * @throws {NetworkError} If no answer came. When `signal` is aborted, its reason is thrown instead.
   */
  send(request: NetworkRequest): Promise<NetworkResponse>;
  /** Drops idle connections; what is under way goes on. */
  close(): void;
}

/** The network, as an argument. */
export interface Network {
  /** Opens a pool for one provider. Cheap: nothing is connected before the first `send`. */
  open(options?: SessionOptions): Session;
  /**
   * Asks the machine's name service once for all addresses of a host, IPv4 and IPv6, in the order in which they should be tried.
   * @throws {NetworkError} `name-not-found`.
   */
  resolve(hostname: string): Promise<readonly string[]>;
  /** The addresses that this machine itself can be reached at, in whatever network. */
  ownAddresses(): readonly string[];
}

/** How a pool treats its connections. */
export interface SessionOptions {
  /** How long an unused connection is kept. Default 30,000; keep it below the provider's own. */
  readonly idleMsMax?: number;
  /**
   * The one address that all connections go to, whatever name is in the URL, by no proxy. The name still is what the `host` header says and what a
   * certificate has to be for. Default: the name is looked up.
   */
  readonly address?: string;
}

/** Why nothing came back. */
export type NetworkFault = "refused" | "name-not-found" | "tls" | "reset" | "timed-out" | "invalid-response" | "other";

/** A request that got no answer, or an answer that broke off. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
  readonly fault: NetworkFault;
  /** False only when it is certain that the provider saw nothing, so that trying again can not do the work twice. */
  readonly sent: boolean;

  constructor(fault: NetworkFault, sent: boolean, options?: { readonly cause?: unknown }) {
    super(`The network failed: ${fault}.`, options);
    this.fault = fault;
    this.sent = sent;
  }
}
