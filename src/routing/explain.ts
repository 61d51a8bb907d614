import type { WhenData } from "../config/data.ts";
import type { SecretReference } from "../config/secret.ts";
import { OPERATIONS, type Operation } from "../ir/operation.ts";
import type { HedgeOptions } from "../resilience/hedge.ts";
import { wholeName } from "./name-routes.ts";
import type { Choices, ModelColumns, Plan, Route, RouteId } from "./plan.ts";
import { NEEDS } from "./request-facts.ts";
import { STRATEGIES } from "./strategies/index.ts";
import type { Strategy } from "./strategies/strategy.ts";

/** What a name stands for, said in the configuration's own words. Holds no secret. */
export interface Explanation {
  readonly operation: Operation;
  /** The names on the way, from what was asked for to the one that means this route alone. */
  readonly path: readonly string[];
  /** What the name that was asked for is. */
  readonly kind: "target" | "combo" | "alias" | "default" | "model";
  readonly deadlineMs: number;
  /** Undefined: see `firstSignMs` in resilience/deadline.ts. */
  readonly firstByteMs: number | undefined;
  readonly attemptsMax: number;
  /** When a second target is asked beside the first; undefined for never. */
  readonly hedge: HedgeOptions | undefined;
  /** Whether a stream that breaks off is gone on with by another target. */
  readonly resumes: boolean;
  readonly choice: ExplainedChoice;
  /** Every target once, in order of preference. */
  readonly targets: readonly ExplainedTarget[];
  readonly notes: readonly string[];
}

/** A node of the tree of choice. */
export interface ExplainedChoice {
  /** `provider/model`, `provider/model#account`, or `combo:name`. */
  readonly name: string;
  /** Which part of what reaches the group goes here first while everything is in service. From 0 to 1. */
  readonly share: number;
  /** Which requests it is for; absent if for all. Shares are those of requests for which every condition holds. */
  readonly when?: WhenData;
  /** Absent for a target. */
  readonly strategy?: Strategy["name"];
  /** Absent for a target, and for a combo that was written out already. */
  readonly children?: readonly ExplainedChoice[];
}

/** A target, with all that decides what an attempt at it looks like. */
export interface ExplainedTarget {
  readonly name: string;
  /** Which part of all requests goes here first while everything is in service. From 0 to 1. */
  readonly share: number;
  /** The kind of provider. */
  readonly kind: string;
  readonly baseUrl: string;
  /** Where the key is read from; undefined if none is sent. */
  readonly key: string | undefined;
  /** The longest that one attempt may take; undefined leaves it to the route's deadline. */
  readonly timeoutMs: number | undefined;
  /** Requests that it is not given: `no tools`, `no images`, `no schema`, `at most 32000 tokens`; and `at most 4 at a time`. */
  readonly limits: readonly string[];
}

/**
 * Explains a name that clients may send: one explanation for each kind of work that it can be asked for.
 * @returns None if it is unknown.
 */
export function explain(plan: Plan, name: string): Explanation[] {
  const bytes = new TextEncoder().encode(name);
  return OPERATIONS.flatMap((operation) => {
    const id = plan.names[operation].find(bytes, 0, bytes.length);
    return id === -1 ? [] : [explainRoute(plan, name, id)];
  });
}

function explainRoute(plan: Plan, name: string, id: RouteId): Explanation {
  const route = plan.routes[id]!; // Names lead to rows.
  const shares = sharesOf(plan.choices, route.root);
  const whole = wholeName(route);
  return {
    operation: route.operation,
    path: name === whole ? [name] : [name, whole],
    kind: kindOf(plan, name, route),
    deadlineMs: route.deadlineMs,
    firstByteMs: route.firstByteMs,
    attemptsMax: route.attemptsMax,
    hedge: route.hedge,
    resumes: route.resumes,
    choice: new Writer(plan, route.operation).write(route.root, 1),
    targets: route.targets.map((target) => {
      const row = plan.targets[target]!; // Ids are rows.
      const provider = plan.providers[row.provider]!; // The same.
      const { apiKey } = plan.accounts[row.account]!; // The same.
      return {
        name: row.name,
        share: shares.get(target) ?? 0,
        kind: provider.definition.name,
        baseUrl: provider.baseUrl,
        key: apiKey && placeOf(apiKey),
        timeoutMs: provider.timeoutMs,
        limits: limitsOf(plan.models, target, provider.attemptsMax),
      };
    }),
    notes: [...noteOthers(plan, name, route), ...plan.notes.filter((note) => note.includes(JSON.stringify(name)))],
  };
}

function limitsOf({ lacks, contextTokens }: ModelColumns, target: number, attemptsMax: number | undefined): string[] {
  const without = lacks[target]!; // Targets are rows.
  const tokens = contextTokens[target]!; // The same.
  return [
    ...((without & NEEDS.tools) !== 0 ? ["no tools"] : []),
    ...((without & NEEDS.images) !== 0 ? ["no images"] : []),
    ...((without & NEEDS.structuredOutput) !== 0 ? ["no schema"] : []),
    ...(Number.isFinite(tokens) ? [`at most ${tokens} tokens`] : []),
    ...(attemptsMax === undefined ? [] : [`at most ${attemptsMax} at a time`]),
  ];
}

function kindOf(plan: Plan, name: string, route: Route): Explanation["kind"] {
  if (name === wholeName(route) || (route.type === "combo" && name === route.name)) return route.type;
  if (name === "default") return "default";
  return plan.targets[route.targets[0]!]!.model === name && route.type === "target" ? "model" : "alias"; // A route has targets.
}

/** A bare name that other providers have too: they are not asked, which one should know. */
function noteOthers(plan: Plan, name: string, route: Route): string[] {
  const others = plan.targets.filter(
    (target) => target.model === name && target.operation === route.operation && !route.targets.includes(target.id),
  );
  if (others.length === 0) return [];
  return [`Not asked, though of the same name: ${others.map((target) => target.name).join(", ")}.`];
}

/** Writes out a tree of choice. What is shared between branches is written once, since otherwise forty lines of configuration could make a billion. */
class Writer {
  private readonly plan: Plan;
  private readonly comboAt: ReadonlyMap<number, string>;
  private readonly written = new Set<number>();

  constructor(plan: Plan, operation: Operation) {
    this.plan = plan;
    const combos = plan.routes.filter((route) => route.type === "combo" && route.operation === operation);
    this.comboAt = new Map(combos.map((route) => [route.root, wholeName(route)]));
  }

  write(node: number, share: number, edge = -1): ExplainedChoice {
    const { choices, targets } = this.plan;
    const condition = edge === -1 ? -1 : choices.condition[edge]!; // Edges are rows.
    const when = condition === -1 ? {} : { when: choices.conditions[condition]!.data }; // The same.
    const target = choices.target[node]!; // Nodes are rows.
    if (target !== -1) return { name: targets[target]!.name, share, ...when };
    const start = choices.childStart[node]!; // The same.
    // A group that is no combo's is that of a model's accounts.
    const name = this.comboAt.get(node) ?? targets[choices.target[choices.children[start]!]!]!.service;
    const strategy = strategyOf(choices, node).name;
    if (this.written.has(node)) return { name, share, ...when, strategy };
    this.written.add(node);
    const shares = firstShares(choices, node);
    const children = shares.map((part, child) => this.write(choices.children[start + child]!, part, start + child)); // The same.
    return { name, share, ...when, strategy, children };
  }
}

/** The part of all requests at a root that each target below is asked first for. */
function sharesOf(choices: Choices, root: number): Map<number, number> {
  const parts = new Float64Array(root + 1);
  parts[root] = 1;
  const shares = new Map<number, number>();
  // Children are made before the groups that they are in, so each node is done when it is come to.
  for (let node = root; node >= 0; node--) {
    const part = parts[node]!; // Inside of the column.
    if (part === 0) continue;
    if (choices.target[node] !== -1)
      shares.set(choices.target[node]!, part); // The same.
    else
      for (const [child, share] of firstShares(choices, node).entries())
        parts[choices.children[choices.childStart[node]! + child]!]! += part * share; // The same.
  }
  return shares;
}

/** How a group shares out what it gets, while all of its children are open and nothing is known of them. */
function firstShares(choices: Choices, group: number): number[] {
  return strategyOf(choices, group).shares([...choices.weight.subarray(choices.childStart[group], choices.childStart[group + 1])]);
}

function strategyOf(choices: Choices, group: number): Strategy {
  return STRATEGIES[choices.strategy[group]!]!; // Compiled from the same list.
}

/** Of a command only the program is named: what follows may be nobody's business. */
function placeOf({ $secret, name }: SecretReference): string {
  const words = typeof name === "string" ? [name] : name;
  switch ($secret) {
    case "env":
      return `$${words[0]}`;
    case "file":
      return `file ${words[0]}`;
    case "exec":
      return `output of ${words[0]}`;
    default:
      return $secret satisfies never;
  }
}
