import type { Health } from "../resilience/health.ts";
import { holds } from "./condition.ts";
import { isFit } from "./fitness.ts";
import type { Choices, ModelColumns, Plan, Route, RouteId, TargetId } from "./plan.ts";
import { NO_FACTS, type RequestFacts } from "./request-facts.ts";
import { STRATEGIES } from "./strategies/index.ts";
import type { Choosing, Draw } from "./strategies/strategy.ts";

/** The targets that an exchange has tried, so that none is picked twice unless asked for. Made once per exchange; `decide` only reads it. */
export interface Tried {
  readonly count: number;
  has(target: number): boolean;
}

/**
 * Picks the next target of a route: the choice of its strategies among the targets that health allows, that can serve the request, and that were not tried.
 * A function of its arguments alone, and allocates nothing.
 *
 * First everything is surveyed from the leaves up: which target stands for each node. Then the way is walked from the root down.
 *
 * @param chance A number from 0 to 1 that settles what is left to chance.
 * @param facts What the request is; only looked at where the plan asks for it.
 * @returns -1 if no target is left.
 */
export function decide(
  plan: Plan,
  route: RouteId,
  health: Health,
  tried: Tried,
  nowMs: number,
  chance: number,
  facts: RequestFacts = NO_FACTS,
): TargetId | -1 {
  const { choices, models } = plan;
  const { nodes, root } = plan.routes[route]!; // Ids are rows.
  if (standing.length < choices.target.length) standing = new Int32Array(2 * choices.target.length);
  at.choices = choices;
  at.models = models;
  at.health = health;
  at.facts = facts;
  at.nowMs = nowMs;
  // Who comes back from being out gets a part of its traffic only, but it is still better than nobody.
  if (!survey(nodes, tried, chance) && !survey(nodes, tried, NO_CHANCE)) return -1;
  at.draw.chance = chance;
  at.draw.turn = facts.turn;
  let node = root;
  while (choices.strategy[node] !== LEAF) {
    const start = choices.childStart[node]!; // Nodes are rows.
    at.group = node;
    at.count = choices.childStart[node + 1]! - start; // The same.
    if (at.candidates.length < at.count) at.candidates = new Int32Array(2 * at.count);
    for (let child = 0; child < at.count; child++) at.candidates[child] = standingBehind(choices, start + child, facts);
    const picked = STRATEGIES[choices.strategy[node]!]!.pick(at); // Compiled from the same list.
    if (picked === -1) return -1;
    node = choices.children[start + picked]!; // Edges are rows.
  }
  return choices.target[node] as TargetId; // Filled from target ids.
}

const LEAF = -1;
/** In place of a chance: nobody is spared. */
const NO_CHANCE = -1;

/** A `Choosing` that is written to. */
type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

// Used within one call and by no other: nothing in it waits. Made once, so that a decision allocates nothing.
const at: Writable<Choosing> & { draw: Draw } = {
  choices: undefined as unknown as Choices, // Set by each call before anything reads it. So are the next two.
  health: undefined as unknown as Health,
  models: undefined as unknown as ModelColumns,
  group: 0,
  count: 0,
  /** Grows to the longest list of children, once in the life of the process. */
  candidates: new Int32Array(64),
  facts: NO_FACTS,
  nowMs: 0,
  draw: { chance: 0, turn: 0 },
};
/** For each node of the route at hand the first target below it that can be asked, -1 if there is none. Others' rows are left over from other routes. */
let standing: Int32Array = new Int32Array(64);

/**
 * Finds who stands for each node of a route. Each node is looked at once, however often it is shared.
 * @param chance Settles whether a target that is coming back gets its part; `NO_CHANCE` lets all in.
 * @returns Whether there is anybody.
 */
function survey(nodes: Int32Array, tried: Tried, chance: number): boolean {
  const { choices, facts } = at;
  let found: number = LEAF;
  for (let row = 0; row < nodes.length; row++) {
    const node = nodes[row]!; // Below the length.
    const target = choices.target[node]!; // Nodes are rows.
    found = -1;
    if (target !== -1) {
      if (canServe(target, tried, chance)) found = target;
    } else {
      const end = choices.childStart[node + 1]!; // The same.
      for (let edge = choices.childStart[node]!; edge < end && found === -1; edge++) found = standingBehind(choices, edge, facts);
    }
    standing[node] = found;
  }
  return found !== -1;
}

function canServe(target: number, tried: Tried, chance: number): boolean {
  const { facts, models, health, nowMs } = at;
  if (tried.count !== 0 && tried.has(target)) return false;
  if (!isFit(models, target, facts)) return false;
  const share = health.share(target, nowMs);
  return share >= 1 || (share > 0 && (chance === NO_CHANCE || scatter(chance, target) < share));
}

/** A second number of the same chance, one that says nothing of the first. */
function scatter(chance: number, target: number): number {
  return (chance * 65_537 + target * 0.618033988749895) % 1;
}

function standingBehind(choices: Choices, edge: number, facts: RequestFacts): number {
  const target = standing[choices.children[edge]!]!; // Edges are rows.
  const condition = choices.condition[edge]!; // The same.
  return target === -1 || condition === -1 || holds(choices.conditions[condition]!, facts) ? target : -1; // The same.
}

/** In a panic no target has more attempts under way than this. */
const IN_FLIGHT_MAX = 3;

/**
 * Picks the target of a combo that is least bad when `decide` finds none: if most of them are out of service, the fault may well be ours, or over.
 * Targets that rest because they asked for it are left alone.
 * @param fit Those that the request may be given to.
 * @returns -1 if none is to be tried.
 */
export function decideInPanic(route: Route, fit: readonly TargetId[], health: Health, nowMs: number): TargetId | -1 {
  if (route.type !== "combo") return -1;
  let out = 0;
  let least = Number.POSITIVE_INFINITY;
  let picked: TargetId | -1 = -1;
  for (const target of fit) {
    if (health.allows(target, nowMs)) continue;
    out++;
    const waitMs = health.waitMs(target, nowMs);
    if (!health.isBroken(target, nowMs) || waitMs >= least || health.inFlight(target) >= IN_FLIGHT_MAX) continue;
    least = waitMs;
    picked = target;
  }
  return out * 2 > fit.length ? picked : -1;
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
