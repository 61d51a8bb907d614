import type { ComboData, ComboTargetData } from "../config/data.ts";
import type { Operation } from "../ir/operation.ts";
import type { Choices, TargetId } from "./plan.ts";
import { STRATEGIES } from "./strategies/index.ts";

/** What a reference of the configuration, such as `combo:smart` or `openai/gpt-5.1`, can lead to. */
export interface Destinations {
  readonly combos: Readonly<Record<string, ComboData>>;
  /** @returns undefined if nothing of that name does this kind of work. */
  target(name: string, operation: Operation): TargetId | undefined;
}

/** All trees of choice, as they grow. A target has one leaf, and a combo one group for each kind of work, wherever they are used. */
export class ChoiceTrees {
  private readonly destinations: Destinations;
  private readonly nodes: Node[] = [];
  private readonly leafOfTarget = new Map<TargetId, number>();
  private readonly groupOfCombo = new Map<string, number>();

  constructor(destinations: Destinations) {
    this.destinations = destinations;
  }

  /** The root of the tree behind a target. */
  leaf(target: TargetId): number {
    let node = this.leafOfTarget.get(target);
    if (node === undefined) {
      node = this.add({ target, strategy: -1, edges: [], leaves: [target] });
      this.leafOfTarget.set(target, node);
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

  columns(): Choices {
    const { nodes } = this;
    const edges = nodes.flatMap((node) => node.edges);
    return {
      target: Int32Array.from(nodes, ({ target }) => target),
      strategy: Int8Array.from(nodes, ({ strategy }) => strategy),
      childStart: starts(nodes.map((node) => node.edges.length)),
      children: Int32Array.from(edges, ({ child }) => child),
      weight: Float64Array.from(edges, ({ weight }) => weight),
      leafStart: starts(nodes.map((node) => node.leaves.length)),
      leaves: Int32Array.from(nodes.flatMap(({ leaves }) => leaves)),
    };
  }

  private groupNode(name: string, operation: Operation, within: readonly string[]): Node {
    const combo = Object.hasOwn(this.destinations.combos, name) ? this.destinations.combos[name] : undefined;
    const list = combo?.[operation];
    if (list === undefined || list.length === 0) throw new Error(`Cannot compile combo "${name}": it has no ${operation} targets.`);
    const strategy = STRATEGIES.findIndex((candidate) => candidate.name === (combo?.strategy ?? "fallback"));
    if (strategy < 0) throw new Error(`Cannot compile combo "${name}": there is no strategy "${combo?.strategy}".`);
    const edges = list.map((item) => this.edge(item, name, operation, within));
    const leaves = [...new Set(edges.flatMap(({ child }) => this.leaves(child)))];
    return { target: -1, strategy, edges, leaves };
  }

  private edge(item: ComboTargetData, combo: string, operation: Operation, within: readonly string[]): Edge {
    const { to, weight = 1 } = typeof item === "string" ? { to: item } : item;
    if (!(weight > 0)) throw new Error(`Cannot compile combo "${combo}": the weight of "${to}" is ${weight}.`);
    const nested = comboOf(to);
    if (nested !== undefined) return { child: this.group(nested, operation, within), weight };
    const target = this.destinations.target(to, operation);
    if (target === undefined) throw new Error(`Cannot compile combo "${combo}": "${to}" is no ${operation} target.`);
    return { child: this.leaf(target), weight };
  }

  private add(node: Node): number {
    return this.nodes.push(node) - 1;
  }
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
