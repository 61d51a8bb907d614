import type { ComboData, ComboTargetData, StrategyName } from "../config/data.ts";
import type { Operation } from "../ir/operation.ts";
import { compileCondition } from "./condition.ts";
import type { Choices, Condition, TargetId } from "./plan.ts";
import { STRATEGIES } from "./strategies/index.ts";

/** What a reference of the configuration, such as `combo:smart` or `openai/gpt-5.1`, can lead to. */
export interface Destinations {
  readonly combos: Readonly<Record<string, ComboData>>;
  /** One for each account. @returns undefined if nothing of that name does this kind of work. */
  targets(name: string, operation: Operation): AccountTargets | undefined;
}

/** The same model under each account of its provider. */
export type AccountTargets = readonly { readonly target: TargetId; readonly name: string; readonly weight: number | undefined }[];

/** All trees of choice, as they grow. A target has one leaf, and a combo one group for each kind of work, wherever they are used. */
export class ChoiceTrees {
  private readonly destinations: Destinations;
  private readonly keepsAccounts: boolean;
  private readonly nodes: Node[] = [];
  private readonly leafOfTarget = new Map<TargetId, number>();
  private readonly groupOfAccounts = new Map<TargetId, number>();
  private readonly groupOfCombo = new Map<string, number>();
  private readonly conditions: Condition[] = [];

  /** @param keepsAccounts Whether a conversation keeps to the account that it began with. */
  constructor(destinations: Destinations, keepsAccounts = false) {
    this.destinations = destinations;
    this.keepsAccounts = keepsAccounts;
  }

  /** The root of the tree behind a model: its leaf, or a group of one for each account. */
  service(targets: AccountTargets): number {
    const [first] = targets;
    if (first === undefined) throw new Error("Cannot compile a model without an account.");
    if (targets.length === 1) return this.leaf(first.target);
    let node = this.groupOfAccounts.get(first.target);
    if (node === undefined) {
      const isWeighted = targets.some(({ weight }) => weight !== undefined);
      const strategy = indexOf(this.keepsAccounts ? "sticky" : isWeighted ? "weighted" : "least-busy");
      const edges = targets.map(({ target, name, weight = 1 }) => ({ child: this.leaf(target), weight, condition: -1, key: keyOf(name) }));
      node = this.add({ target: -1, strategy, edges, leaves: targets.map(({ target }) => target) });
      this.groupOfAccounts.set(first.target, node);
    }
    return node;
  }

  /**
   * The root of the tree behind a combo.
   * @param within The combos that this one is being reached through.
   * @throws {Error} If combos lead in a circle, or to nothing; the check of the configuration lets neither pass.
   */
  group(combo: string, operation: Operation, within: readonly string[] = []): number {
    if (within.includes(combo))
      throw new Error(`Cannot compile combo "${combo}": it leads back to itself: ${[...within, combo].join(" → ")}.`);
    const key = `${operation} ${combo}`;
    let node = this.groupOfCombo.get(key);
    if (node === undefined) {
      node = this.add(this.groupNode(combo, operation, [...within, combo]));
      this.groupOfCombo.set(key, node);
    }
    return node;
  }

  /** Every target below a node, once, in order of preference. */
  leaves(node: number): readonly TargetId[] {
    return this.nodes[node]!.leaves; // Only numbers of nodes are handed out.
  }

  /** Every node of a tree once, those below before those above. Children are made before the groups that they are in, so order is enough. */
  nodesBelow(root: number): number[] {
    const found = new Set([root]);
    for (let node = root; node >= 0; node--) if (found.has(node)) for (const { child } of this.nodes[node]!.edges) found.add(child); // Inside.
    return [...found].sort((a, b) => a - b);
  }

  /** Whether any choice below a node depends on what the request is. */
  asksFacts(root: number): boolean {
    return this.nodesBelow(root).some((node) => {
      const { strategy, edges } = this.nodes[node]!; // Inside.
      return STRATEGIES[strategy]?.asksFacts === true || edges.some(({ condition }) => condition !== -1);
    });
  }

  /** Whether any choice below a node depends on what is left of rate limits. */
  asksHeadroom(root: number): boolean {
    return this.nodesBelow(root).some((node) => STRATEGIES[this.nodes[node]!.strategy]?.asksHeadroom === true); // Inside.
  }

  columns(): Choices {
    const { nodes } = this;
    const edges = nodes.flatMap((node) => node.edges);
    return {
      target: Int32Array.from(nodes, ({ target }) => target),
      strategy: Int8Array.from(nodes, ({ strategy }) => strategy),
      childStart: starts(nodes.map((node) => node.edges.length)),
      children: Int32Array.from(edges, ({ child }) => child),
      weight: Float64Array.from(edges, ({ weight }) => weight),
      condition: Int32Array.from(edges, ({ condition }) => condition),
      conditions: this.conditions,
      key: Uint32Array.from(edges, ({ key }) => key),
    };
  }

  private groupNode(name: string, operation: Operation, within: readonly string[]): Node {
    const combo = Object.hasOwn(this.destinations.combos, name) ? this.destinations.combos[name] : undefined;
    const list = combo?.[operation];
    if (list === undefined || list.length === 0) throw new Error(`Cannot compile combo "${name}": it has no ${operation} targets.`);
    const strategy = indexOf(combo?.strategy ?? "fallback");
    if (strategy < 0) throw new Error(`Cannot compile combo "${name}": there is no strategy "${combo?.strategy}".`);
    const edges = list.map((item) => this.edge(item, name, operation, within));
    const leaves = [...new Set(edges.flatMap(({ child }) => this.leaves(child)))];
    return { target: -1, strategy, edges, leaves };
  }

  private edge(item: ComboTargetData, combo: string, operation: Operation, within: readonly string[]): Edge {
    const { to, weight = 1, when } = typeof item === "string" ? { to: item } : item;
    if (!(weight > 0)) throw new Error(`Cannot compile combo "${combo}": the weight of "${to}" is ${weight}.`);
    const nested = comboOf(to);
    const condition = when === undefined ? -1 : this.conditions.push(compileCondition(when)) - 1;
    const rest = { weight, condition, key: keyOf(to) };
    if (nested !== undefined) return { child: this.group(nested, operation, within), ...rest };
    const targets = this.destinations.targets(to, operation);
    if (targets === undefined) throw new Error(`Cannot compile combo "${combo}": "${to}" is no ${operation} target.`);
    return { child: this.service(targets), ...rest };
  }

  private leaf(target: TargetId): number {
    let node = this.leafOfTarget.get(target);
    if (node === undefined) {
      node = this.add({ target, strategy: -1, edges: [], leaves: [target] });
      this.leafOfTarget.set(target, node);
    }
    return node;
  }

  private add(node: Node): number {
    return this.nodes.push(node) - 1;
  }
}

/** A number that follows from a name alone. */
function keyOf(name: string): number {
  return Number(Bun.hash.wyhash(name) & 0xffffffffn);
}

function indexOf(name: StrategyName): number {
  return STRATEGIES.findIndex((candidate) => candidate.name === name);
}

/** What references to combos begin with. */
export const COMBO_PREFIX = "combo:";

/** The combo that a reference names; undefined if it names a target. */
function comboOf(reference: string): string | undefined {
  return reference.startsWith(COMBO_PREFIX) ? reference.slice(COMBO_PREFIX.length) : undefined;
}

interface Edge {
  readonly child: number;
  readonly weight: number;
  /** -1 for none. */
  readonly condition: number;
  readonly key: number;
}

interface Node {
  /** -1 for a group. */
  readonly target: TargetId | -1;
  /** -1 for a leaf. */
  readonly strategy: number;
  readonly edges: readonly Edge[];
  readonly leaves: readonly TargetId[];
}

function starts(counts: readonly number[]): Int32Array {
  const column = new Int32Array(counts.length + 1);
  for (const [row, count] of counts.entries()) column[row + 1] = column[row]! + count; // The row before was filled.
  return column;
}
