import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { TCPSocketListener } from "bun";
import { systemClock } from "../../../src/world/clock.ts";
import { directNetwork } from "../../../src/world/direct/network-direct.ts";
import { FetchError } from "../../../src/world/guarded/fetch-fault.ts";
import { guardedFetch } from "../../../src/world/guarded/guarded-fetch.ts";
import type { Network } from "../../../src/world/network.ts";
import { hostileUrls } from "./hostile-urls.ts";

/** What comes in on any address of this machine. */
let connections = 0;
let traps: TCPSocketListener<undefined>[];
let port: number;

beforeAll(() => {
  const socket = {
    open: () => {
      connections++;
    },
    data: () => {},
  };
  traps = [Bun.listen<undefined>({ hostname: "0.0.0.0", port: 0, socket })];
  ({ port } = traps[0]!);
  try {
    traps.push(Bun.listen<undefined>({ hostname: "::", port, socket, ipv6Only: true } as never));
  } catch {
    // A machine without IPv6 has no such door.
  }
});

afterAll(() => {
  for (const trap of traps) trap.stop(true);
});

/** The real network, where names resolve to what the row says. */
function networkFor(addresses: readonly string[] | undefined): Network {
  return { ...directNetwork, resolve: async () => addresses ?? ["127.0.0.1"], ownAddresses: () => [] };
}

describe("a hostile URL", () => {
  test("is any of more than 300", () => {
    expect(new Set(hostileUrls(80).map(({ url, addresses }) => `${url} ${addresses}`)).size).toBeGreaterThan(300);
  });

  const kinds = Map.groupBy(hostileUrls(0), ({ kind }) => kind);
  test.each([...kinds].map(([kind, urls]) => ({ kind, count: urls.length })))(
    "with $kind ($count) is refused before a packet is sent",
    async ({ kind }) => {
      connections = 0;
      const world = (addresses: readonly string[] | undefined) => ({ clock: systemClock, network: networkFor(addresses) });
      for (const { url, addresses, fault } of hostileUrls(port).filter((row) => row.kind === kind)) {
        const error = await guardedFetch(world(addresses), url, { ports: [port], timeMsMax: 2_000 }).catch((error) => error);
        expect({ url, addresses, fault: error instanceof FetchError ? error.fault : String(error) }).toEqual({ url, addresses, fault });
      }
      // A connection that was begun would have come by now.
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(connections).toBe(0);
    },
  );

  test("would have been noticed: the trap answers whoever is allowed in by name", async () => {
    connections = 0;
    const options = { ports: [port], privateHosts: ["127.0.0.1"], timeMsMax: 300 };
    const error = await guardedFetch({ clock: systemClock, network: directNetwork }, `http://127.0.0.1:${port}/`, options).catch(
      (error) => error,
    );
    expect(error).toMatchObject({ fault: "timed-out" });
    expect(connections).toBe(1);
  });

  test("is refused in words that tell nothing of the network", async () => {
    const inside = await guardedFetch({ clock: systemClock, network: networkFor(["10.1.2.3"]) }, "http://inside.example/").catch(String);
    const other = await guardedFetch({ clock: systemClock, network: networkFor(["192.168.1.1"]) }, "http://inside.example/").catch(String);
    expect(inside).toBe(other);
    expect(inside).not.toContain("10.1");
  });
});
