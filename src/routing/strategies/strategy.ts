import type { ComboOptionsData } from "../../config/data.ts";
import type { Choices } from "../plan.ts";

/** What is left of one number drawn by chance. A strategy takes from it what it needs and leaves the rest for the choices below. */
export interface Draw {
  /** From 0 to 1, and as good as a fresh number however much was taken before. */
  chance: number;
}

/** How a group chooses among its children. One file each; the contract suite finds them by themselves. */
export interface Strategy {
  /** As the configuration says it. */
  readonly name: NonNullable<ComboOptionsData["strategy"]>;
  /** One line for people who read a route. */
  readonly summary: string;
  /**
   * Picks a child. On the hot path: allocates nothing, and changes nothing but `draw`.
   * @param group A node of `choices`.
   * @param open By place among the group's children: 1 if something below it can be asked, else 0. What lies behind the last child means nothing.
   * @returns The place of the child among the group's children, always an open one; -1 only if none is open.
   */
  pick(choices: Choices, group: number, open: Uint8Array, draw: Draw): number;
}
