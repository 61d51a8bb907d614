import { type Finder, type Finding, inOrder } from "./finding.ts";

interface Node {
  readonly next: Map<number, Node>;
  /** Where to go on if no phrase goes on from here. */
  fallback: Node | undefined;
  /** How much of a phrase has been seen. */
  readonly depth: number;
  /** How long the phrases are that end here. */
  readonly ends: number[];
}

/** Finds any of many phrases in one pass, however many there are (Aho and Corasick, 1975). Capitals and small letters are the same. */
export class PhraseFinder implements Finder {
  private readonly root: Node = { next: new Map(), fallback: undefined, depth: 0, ends: [] };
  private readonly label: (phrase: string) => string;

  /**
   * @param phrases Those that begin or end with a letter or digit are only found as whole words.
   * @param label What a phrase is told as. Default `word`.
   */
  constructor(phrases: readonly string[], label: (phrase: string) => string = () => "word") {
    this.label = label;
    for (const phrase of phrases) this.add(phrase);
    this.link();
  }

  find(text: string): readonly Finding[] {
    const findings: Finding[] = [];
    let node = this.root;
    for (let at = 0; at < text.length; at++) {
      node = this.step(node, small(text.charCodeAt(at)));
      for (const length of node.ends) {
        const start = at + 1 - length;
        if (isWhole(text, start, at + 1)) findings.push({ start, end: at + 1, label: this.label(text.slice(start, at + 1)) });
      }
    }
    return inOrder(findings);
  }

  openFrom(text: string): number {
    let node = this.root;
    for (let at = 0; at < text.length; at++) node = this.step(node, small(text.charCodeAt(at)));
    return text.length - node.depth;
  }

  private add(phrase: string): void {
    let node = this.root;
    for (let at = 0; at < phrase.length; at++) {
      const unit = small(phrase.charCodeAt(at));
      const next = node.next.get(unit) ?? { next: new Map(), fallback: undefined, depth: node.depth + 1, ends: [] };
      node.next.set(unit, next);
      node = next;
    }
    if (node !== this.root && !node.ends.includes(phrase.length)) node.ends.push(phrase.length);
  }

  /** From the shallow to the deep, so that a node's fallback is ready before it is needed. */
  private link(): void {
    const queue = [this.root];
    for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
      for (const [unit, next] of node.next) {
        next.fallback = node === this.root ? this.root : this.step(node.fallback ?? this.root, unit);
        next.ends.push(...next.fallback.ends);
        queue.push(next);
      }
    }
  }

  private step(from: Node, unit: number): Node {
    let node: Node | undefined = from;
    while (node !== undefined) {
      const next: Node | undefined = node.next.get(unit);
      if (next !== undefined) return next;
      node = node.fallback;
    }
    return this.root;
  }
}

function isWhole(text: string, start: number, end: number): boolean {
  return (
    !(isWordly(text.charCodeAt(start - 1)) && isWordly(text.charCodeAt(start))) &&
    !(isWordly(text.charCodeAt(end - 1)) && isWordly(text.charCodeAt(end)))
  );
}

/** Letters and digits of any script; the loop over code units costs less than an expression that knows about all of Unicode. */
function isWordly(code: number): boolean {
  if (code < 128) return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  // Chinese and Japanese have no blanks between words.
  return code >= 0xc0 && code < 0x2000;
}

/** A small letter of one unit; what has none of that length stays as it is. */
function small(unit: number): number {
  if (unit < 128) return unit >= 65 && unit <= 90 ? unit + 32 : unit;
  const lower = String.fromCharCode(unit).toLowerCase();
  return lower.length === 1 ? lower.charCodeAt(0) : unit;
}
