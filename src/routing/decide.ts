import type { Health } from "../resilience/health.ts";
import type { Choices, Plan, RouteId, TargetId } from "./plan.ts";
import { STRATEGIES } from "./strategies/index.ts";
import type { Draw } from "./strategies/strategy.ts";

/** The targets that an exchange has tried, so that none is picked twice unless asked for. Made once per exchange; `decide` only reads it. */
export interface Tried {
  readonly count: number;
  has(target: number): boolean;
}

/**
 * Picks the next target of a route: the choice of its strategies among the targets that health allows and that were not tried.
 * A function of its arguments alone, and allocates nothing.
 * @param chance A number from 0 to 1 that settles what is left to chance.
 * @returns -1 if no target is left.
 */
export function decide(plan: Plan, route: RouteId, health: Health, tried: Tried, nowMs: number, chance: number): TargetId | -1 {
  const { choices } = plan;
  draw.chance = chance;
  let node = plan.routes[route]!.root; // Ids are rows.
  // A lone target is not below any choice, so nobody has looked at it.
  if (choices.strategy[node] === LEAF) return isOpen(choices, node, health, tried, nowMs) ? (choices.target[node] as TargetId) : -1; // Filled from target ids.
  do {
    const start = choices.childStart[node]!; // Nodes are rows.
    const count = choices.childStart[node + 1]! - start; // The same.
    if (open.length < count) open = new Uint8Array(2 * count);
    for (let child = 0; child < count; child++) {
      open[child] = isOpen(choices, choices.children[start + child]!, health, tried, nowMs) ? 1 : 0; // Edges are rows.
    }
    const picked = STRATEGIES[choices.strategy[node]!]!.pick(choices, node, open, draw); // Compiled from the same list.
    // Only at the root: a group is entered because something below it is open.
    if (picked === -1) return -1;
    node = choices.children[start + picked]!; // The same.
  } while (choices.strategy[node] !== LEAF);
  return choices.target[node] as TargetId; // Filled from target ids.
}

const LEAF = -1;

// Used within one call and by no other: nothing in it waits. Made once, so that a decision allocates nothing.
const draw: Draw = { chance: 0 };
/** Grows to the longest list of children, once in the life of the process. */
let open: Uint8Array = new Uint8Array(64);

/** Whether any target below a node can be asked. The targets are written out per node, so shared and nested groups are not walked again and again. */
function isOpen(choices: Choices, node: number, health: Health, tried: Tried, nowMs: number): boolean {
  const end = choices.leafStart[node + 1]!; // Nodes are rows.
  for (let leaf = choices.leafStart[node]!; leaf < end; leaf++) {
    const target = choices.leaves[leaf]!; // Inside of the column.
    if ((tried.count === 0 || !tried.has(target)) && health.allows(target, nowMs)) return true;
  }
  return false;
}

/** A `Tried` that is written to. */
export interface TriedList extends Tried {
  /** Notes that a target is being tried; a second time changes nothing. */
  add(target: number): void;
  /** Forgets all, so that it can serve another exchange. */
  reset(): void;
}

/** Makes an empty list of what was tried. Attempts are few, so it is a plain list. */
export function createTried(): TriedList {
  return new TargetList();
}

class TargetList implements TriedList {
  count = 0;
  private readonly targets: number[] = [];

  has(target: number): boolean {
    for (let at = 0; at < this.count; at++) {
      if (this.targets[at] === target) return true;
    }
    return false;
  }

  add(target: number): void {
    if (!this.has(target)) this.targets[this.count++] = target;
  }

  reset(): void {
    this.count = 0;
  }
}
