import { systemClock } from "./clock.ts";
import { directNetwork } from "./direct/network-direct.ts";
import type { Network } from "./network.ts";
import { fetchNetwork } from "./network-fetch.ts";
import { systemRandom } from "./random.ts";
import type { World } from "./world.ts";

/** The world as it is: the machine's clock and chance, and the real network. */
export function systemWorld(): World {
  return { clock: systemClock, random: systemRandom, network: networkNamed(process.env["OMNI_TRANSPORT"]) };
}

/** `direct`, our own client, or `fetch`, the runtime's: slower by some 30 µs of CPU per request, and a way out should ours ever fail with a provider. */
function networkNamed(name: string | undefined): Network {
  if (name !== "fetch") return directNetwork;
  return { ...fetchNetwork, open: (options = {}) => (options.address === undefined ? fetchNetwork : directNetwork).open(options) };
}
