import { lookup } from "node:dns/promises";
import { networkInterfaces } from "node:os";
import { NetworkError } from "./network.ts";

/** Asks the machine's name service for all addresses of a host, as `Network.resolve` promises it. */
export async function resolveName(hostname: string): Promise<readonly string[]> {
  try {
    return (await lookup(hostname, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw new NetworkError("name-not-found", false, { cause });
  }
}

/** The addresses of this machine's interfaces. */
export function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address));
}
