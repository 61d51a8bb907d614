import type { StrategyName } from "../../config/data.ts";
import type { Health } from "../../resilience/health.ts";
import type { Choices, ModelColumns } from "../plan.ts";
import type { RequestFacts } from "../request-facts.ts";

/** What is left of the numbers that settle a decision. A strategy takes from them what it needs and leaves the rest for the choices below. */
export interface Draw {
  /** Drawn by chance, from 0 to 1, and as good as a fresh number however much was taken before. */
  chance: number;
  /** Counts up from one exchange of a route to the next. */
  turn: number;
}

/** A group that has to choose, and all that a choice may depend on. One object serves all decisions, so nothing of it may be kept. */
export interface Choosing {
  readonly choices: Choices;
  /** The group: a node of `choices`. */
  readonly group: number;
  /** How many children it has. */
  readonly count: number;
  /**
   * By place among the children the target that stands for it: its own, or the first one below it that can be asked; -1 if none can be.
   * What lies behind the last child means nothing.
   */
  readonly candidates: Int32Array;
  readonly health: Health;
  readonly models: ModelColumns;
  readonly facts: RequestFacts;
  readonly nowMs: number;
  readonly draw: Draw;
}

/** How a group chooses among its children. One file each; the contract suite finds them by themselves. */
export interface Strategy {
  /** As the configuration says it. */
  readonly name: StrategyName;
  /** One line for people who read a route. */
  readonly summary: string;
  /** Whether it looks at what the request is. */
  readonly asksFacts?: boolean;
  /** Whether it looks at what is left of rate limits. */
  readonly asksHeadroom?: boolean;
  /**
   * Picks a child. On the hot path: allocates nothing, and changes nothing but the draw.
   * @returns The place of the child among the group's children, always one that has a candidate; -1 only if none has.
   */
  pick(choosing: Choosing): number;
  /**
   * Which part of what reaches a group each child gets first, while all are in service and nothing else is known.
   * @param weights The children's, in order.
   */
  shares(weights: readonly number[]): number[];
}

/** How good a candidate is; the lowest is the best. */
export type Measure = (choosing: Choosing, target: number) => number;

/**
 * The child whose candidate measures lowest. Hot path: allocates nothing.
 * @param fair Whether chance settles which of several equals it is; else the first one is taken, and the draw stays whole.
 * @returns -1 if none is open.
 */
export function lowest(choosing: Choosing, measure: Measure, fair: boolean): number {
  const { count, candidates } = choosing;
  const measured = columnOf(count);
  for (let child = 0; child < count; child++) {
    const target = candidates[child]!; // Below the count.
    if (target !== -1) measured[child] = measure(choosing, target);
  }
  return lowestOf(choosing, measured, fair);
}

/**
 * The child that measures lowest. Hot path: allocates nothing.
 * @param measured By place; only those of open children are looked at.
 * @param fair As with `lowest`.
 */
export function lowestOf({ count, candidates, draw }: Choosing, measured: Float64Array, fair: boolean): number {
  let least = Number.POSITIVE_INFINITY;
  let picked = -1;
  let equals = 0;
  for (let child = 0; child < count; child++) {
    if (candidates[child] === -1) continue;
    const value = measured[child]!; // Below the count.
    if (picked === -1 || value < least) {
      least = value;
      picked = child;
      equals = 1;
    } else if (value === least) equals++;
  }
  if (!fair || equals < 2) return picked;
  let left = take(draw, equals);
  for (let child = picked; child < count; child++) {
    if (candidates[child] !== -1 && measured[child] === least && left-- === 0) return child;
  }
  return picked;
}

/** Room for one number per child, to be used within one call. It grows to the longest list of children, once in the life of the process. */
export function columnOf(count: number): Float64Array {
  if (column.length < count) column = new Float64Array(2 * count);
  return column;
}

let column: Float64Array = new Float64Array(64);

/**
 * Draws one of so many, each as likely, and leaves a number as good as fresh.
 * @returns From 0 up to `count`, exclusive.
 */
export function take(draw: Draw, count: number): number {
  const scaled = draw.chance * count;
  // A chance of exactly 1 is no chance of ours, but harmless.
  const place = Math.min(Math.floor(scaled), count - 1);
  draw.chance = Math.min(scaled - place, CHANCE_MAX);
  return place;
}

/** The largest number below 1. */
export const CHANCE_MAX: number = 1 - Number.EPSILON / 2;

/** How many children are open. */
export function countOpen({ count, candidates }: Choosing): number {
  let open = 0;
  for (let child = 0; child < count; child++) if (candidates[child] !== -1) open++;
  return open;
}

/** The place of the open child that so many open ones stand before; -1 if there are not as many. */
export function openAt({ count, candidates }: Choosing, before: number): number {
  let left = before;
  for (let child = 0; child < count; child++) if (candidates[child] !== -1 && left-- === 0) return child;
  return -1;
}

/** All goes to the first. */
export function toFirst(weights: readonly number[]): number[] {
  return weights.map((_, child) => (child === 0 ? 1 : 0));
}

/** Each gets the same. */
export function evenly(weights: readonly number[]): number[] {
  return weights.map(() => 1 / weights.length);
}

/** Each gets what its weight says. */
export function byWeight(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
