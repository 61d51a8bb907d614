import { ownAddresses, resolveName } from "../names.ts";
import { type Network, NetworkError, type NetworkRequest, type NetworkResponse, type Session, type SessionOptions } from "../network.ts";
import { fetchNetwork } from "../network-fetch.ts";
import { Call } from "./call.ts";
import { type Destination, destinationOf } from "./destination.ts";
import { Pool } from "./pool.ts";
import { requestHeadOf } from "./request-head.ts";
import { Sweeper } from "./sweeper.ts";

/** Below the 30 s after which the most impatient of the big providers close what is idle, so that we are the ones who close. */
const IDLE_MS_MAX = 22_000;
const CONNECT_MS_MAX = 5_000;
const SWEEP_MS = 1_000;
/** URLs whose meaning is remembered. There are as many as models, unless they carry ids. */
const DESTINATIONS_MAX = 4096;

/** How the direct network treats its connections. */
export interface DirectOptions {
  /** How long connecting may take, with the name looked up and the certificate seen. Default 5,000. */
  readonly connectMsMax?: number;
  /** How often idle connections are looked at. Default 1,000. */
  readonly sweepMs?: number;
  /** Certificates of authorities to trust, in PEM, instead of the well-known ones and those of `NODE_EXTRA_CA_CERTS`. */
  readonly ca?: string;
  /** Says by which proxy to go, in the usual variables. Default: the process's own. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * The real network, by a client of our own for HTTP/1.1. The runtime's `fetch` gives each request to another thread and back, which costs more than all else.
 * What has to go by a proxy still goes by `fetch`. There are no time limits in it but the one for connecting.
 */
export const directNetwork: Network = createDirectNetwork();

/** Makes a direct network with other settings. */
export function createDirectNetwork(options: DirectOptions = {}): Network {
  const sweeper = new Sweeper(options.sweepMs ?? SWEEP_MS);
  return { open: (session = {}) => new DirectSession(session, options, sweeper), resolve: resolveName, ownAddresses };
}

interface Way {
  readonly destination: Destination;
  readonly pool: Pool;
}

class DirectSession implements Session {
  private readonly session: SessionOptions;
  private readonly options: DirectOptions;
  private readonly sweeper: Sweeper;
  private readonly pools = new Map<string, Pool>();
  private readonly ways = new Map<string, Way | undefined>();
  private other: Session | undefined;

  constructor(session: SessionOptions, options: DirectOptions, sweeper: Sweeper) {
    this.session = session;
    this.options = options;
    this.sweeper = sweeper;
  }

  /** The hot path. Allocates a call, a promise and its two functions. */
  send(request: NetworkRequest): Promise<NetworkResponse> {
    const { url, signal } = request;
    if (signal.aborted) return Promise.reject(signal.reason);
    const way = this.ways.get(url) ?? this.findWay(url);
    if (way === undefined) {
      if (this.session.address !== undefined) return Promise.reject(new NetworkError("other", false));
      this.other ??= fetchNetwork.open(this.session);
      return this.other.send(request);
    }
    let head: string;
    try {
      head = requestHeadOf(request, way.destination.host, way.destination.path);
    } catch (cause) {
      return Promise.reject(new NetworkError("other", false, { cause }));
    }
    return new Promise((resolve, reject) => way.pool.start(new Call(head, request, resolve, reject)));
  }

  close(): void {
    for (const pool of this.pools.values()) pool.close();
    // Whoever goes on sending gets new pools.
    this.pools.clear();
    this.ways.clear();
    this.other?.close();
  }

  private findWay(url: string): Way | undefined {
    if (this.ways.has(url)) return undefined;
    if (this.ways.size >= DESTINATIONS_MAX) this.ways.clear();
    const destination = destinationOf(url, this.environment());
    const way = destination && { destination, pool: this.poolOf(destination) };
    this.ways.set(url, way);
    return way;
  }

  /** Who names the address wants no proxy, which would look the name up again. */
  private environment(): Readonly<Record<string, string | undefined>> {
    return this.session.address === undefined ? (this.options.environment ?? process.env) : {};
  }

  private poolOf({ origin, hostname, port, isSecure }: Destination): Pool {
    const known = this.pools.get(origin);
    if (known !== undefined) return known;
    const { connectMsMax = CONNECT_MS_MAX, ca } = this.options;
    const tls = isSecure
      ? { serverName: hostname, rejectUnauthorized: true, ALPNProtocols: "http/1.1", ...(ca !== undefined && { ca }) }
      : undefined;
    const pool = new Pool(
      { hostname: this.session.address ?? hostname, port, tls, connectMsMax },
      this.session.idleMsMax ?? IDLE_MS_MAX,
      this.sweeper,
    );
    this.pools.set(origin, pool);
    return pool;
  }
}
