import type { Clock } from "./clock.ts";
import type { Network } from "./network.ts";
import type { Random } from "./random.ts";

/** Everything that is not a function of its arguments: time, chance and the network. Tests hand in others. */
export interface World {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
}
