import { directNetwork } from "../../../src/world/direct/network-direct.ts";
import { type Network, NetworkError } from "../../../src/world/network.ts";

/** A connection that was asked for. */
export interface Visit {
  readonly address: string;
  readonly url: string;
}

/** An internet on loopback: public addresses behind which real servers of a test stand, and a name service that says what the test wants. */
export class Internet implements Network {
  readonly visits: Visit[] = [];
  readonly asked: string[] = [];
  private readonly names: Readonly<Record<string, readonly (readonly string[])[]>>;
  private readonly servers: Readonly<Record<string, number>>;
  private readonly network: Network;

  /**
   * @param names What a name resolves to, the first time, the second, and so on; the last answer stays.
   * @param servers The port on loopback that stands behind an address.
   */
  constructor(
    names: Readonly<Record<string, readonly (readonly string[])[]>>,
    servers: Readonly<Record<string, number>>,
    network: Network = directNetwork,
  ) {
    this.names = names;
    this.servers = servers;
    this.network = network;
  }

  open: Network["open"] = ({ address = "" } = {}) => {
    const session = this.network.open({ address: "127.0.0.1" });
    return {
      send: async (request) => {
        this.visits.push({ address, url: request.url });
        const port = this.servers[address];
        if (port === undefined) throw new NetworkError("refused", false);
        const url = new URL(request.url);
        const { host } = url;
        url.port = String(port);
        return session.send({ ...request, url: url.href, headers: { ...request.headers, host } });
      },
      close: () => session.close(),
    };
  };

  resolve = async (name: string): Promise<readonly string[]> => {
    this.asked.push(name);
    const answers = this.names[name];
    if (answers === undefined) throw new NetworkError("name-not-found", false);
    const times = this.asked.filter((other) => other === name).length;
    return answers[times - 1] ?? answers.at(-1) ?? [];
  };

  ownAddresses = (): readonly string[] => ["9.9.9.99", "127.0.0.1"];
}
