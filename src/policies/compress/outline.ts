import { JsonScanner } from "../../bytes/json-scan.ts";

/** A value in a body, and the watched values within it. */
export interface OutlineNode {
  /** As it was watched: `messages[].content`. */
  readonly path: string;
  /** Where its JSON begins and ends (exclusive), in bytes. */
  readonly start: number;
  readonly end: number;
  readonly children: OutlineNode[];
}

/** Reads of a JSON body only where some values stand. Made once per format. */
export class Outline {
  private readonly scanner: JsonScanner;
  private readonly paths: readonly string[];

  constructor(paths: readonly string[]) {
    this.paths = paths;
    this.scanner = new JsonScanner(...paths);
  }

  /** @throws {JsonFault} If it is not well-formed. */
  read(bytes: Uint8Array): OutlineNode {
    const count = this.scanner.scan(bytes);
    const root: OutlineNode = { path: "", start: 0, end: bytes.length, children: [] };
    const open: OutlineNode[] = [root];
    for (let at = 0; at < count; at += 3) {
      const [slot = 0, start = 0, end = 0] = this.scanner.found.slice(at, at + 3);
      const node: OutlineNode = { path: this.paths[slot] ?? "", start, end, children: [] };
      while ((open.at(-1)?.end ?? end) < end) open.pop();
      while (open.length > 1 && (open.at(-1)?.end ?? 0) <= start) open.pop();
      open.at(-1)?.children.push(node);
      open.push(node);
    }
    return root;
  }
}

/** The one value at a path below a node. A key that comes twice is read by each in its own way, so that it counts as missing. */
export function childOf(node: OutlineNode, step: string): OutlineNode | undefined {
  const path = node.path + step;
  let found: OutlineNode | undefined;
  for (const child of node.children) {
    if (child.path !== path) continue;
    if (found !== undefined) return undefined;
    found = child;
  }
  return found;
}

/** All values at a path below a node. */
export function childrenOf(node: OutlineNode, step: string): OutlineNode[] {
  return node.children.filter((child) => child.path === node.path + step);
}

/** The value itself. The scan has found it well-formed. */
export function jsonOf(bytes: Buffer, node: OutlineNode | undefined): unknown {
  return node === undefined ? undefined : JSON.parse(bytes.toString("utf8", node.start, node.end));
}

/** The value if it is a string. */
export function stringOf(bytes: Buffer, node: OutlineNode | undefined): string | undefined {
  if (node === undefined || !isString(bytes, node)) return undefined;
  return jsonOf(bytes, node) as string; // It begins with a quote.
}

/** Whether a string stands there. */
export function isString(bytes: Buffer, node: OutlineNode): boolean {
  return bytes[node.start] === 0x22;
}
