import { systemClock } from "./clock.ts";
import { fetchNetwork } from "./network-fetch.ts";
import { systemRandom } from "./random.ts";
import type { World } from "./world.ts";

/** The world as it is: the machine's clock and chance, and the real network. */
export function systemWorld(): World {
  return { clock: systemClock, random: systemRandom, network: fetchNetwork };
}
