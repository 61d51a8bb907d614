/** Why a pattern is not taken: it could take longer than a line is long, or is not understood. */
export class PatternFault extends Error {
  override readonly name = "PatternFault";
}

/** So much of a line is looked at: patterns see its beginning and its end, and what is between them in longer lines is as if it were not there. */
export const PROBE_CHARS_MAX = 1024;

/** What an unanchored pattern may span at most, since it is tried at every character. */
const FLOATING_CHARS_MAX = 160;

/** By how many characters what is tried at every character may vary in length: so many times each character may be read. */
const FLOATING_SLACK_MAX = 24;

/**
 * Makes one matcher of many patterns, each looked for in one line. A pattern is a regular expression of which we can prove that it reads a
 * line in time proportional to its length: no look-around and no back-references; only single characters and classes are repeated without
 * limit, and only after `^`; and what follows a repetition cannot be taken for one more of it. One repetition per alternative may break the
 * last rule, such as `^.*`, if what follows it has a limited length. `(?i)` at the start makes it blind to case.
 *
 * @returns A matcher, or undefined for no patterns.
 * @throws {PatternFault} With the pattern and the rule that it breaks.
 */
export function compileLines(patterns: readonly string[] | undefined): RegExp | undefined {
  if (patterns === undefined || patterns.length === 0) return undefined;
  for (const pattern of patterns) checkPattern(pattern);
  return new RegExp(patterns.map(withOwnCase).join("|"));
}

/** Case is decided per pattern, and all of them share one matcher. */
function withOwnCase(pattern: string): string {
  return pattern.startsWith(BLIND) ? `(?i:${pattern.slice(BLIND.length)})` : `(?:${pattern})`;
}

const BLIND = "(?i)";

/** @throws {PatternFault} If the pattern is not provably linear. */
export function checkPattern(pattern: string): void {
  const blind = pattern.startsWith(BLIND);
  const source = blind ? pattern.slice(BLIND.length) : pattern;
  const refuse = (why: string): never => {
    throw new PatternFault(`Cannot take the pattern ${JSON.stringify(pattern)}: ${why}.`);
  };
  if (source === "") refuse("it is empty and would match every line");
  try {
    new RegExp(source);
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error));
  }
  for (const branch of new Reader(source, blind, refuse).branches()) checkBranch(branch, refuse);
}

type Refuse = (why: string) => never;

/** The characters that can stand at one place: one flag per ASCII character, then all other characters, then all other white space. */
type CharSet = Uint8Array;
const OTHER = 128;
const OTHER_SPACE = 129;

type Node =
  | { readonly type: "chars"; readonly set: CharSet; readonly min: number; readonly max: number }
  | { readonly type: "group"; readonly branches: readonly Node[][]; readonly min: number; readonly max: number }
  | { readonly type: "edge"; readonly start: boolean };

/** Reads the source of an expression that is known to be well-formed; refuses what the rules have no name for. */
class Reader {
  private at = 0;
  private readonly source: readonly string[];
  private readonly blind: boolean;
  private readonly refuse: Refuse;

  constructor(source: string, blind: boolean, refuse: Refuse) {
    this.source = [...source];
    this.blind = blind;
    this.refuse = refuse;
  }

  branches(): Node[][] {
    const found: Node[][] = [[]];
    while (this.at < this.source.length && this.source[this.at] !== ")") {
      if (this.source[this.at] === "|") {
        this.at++;
        found.push([]);
      } else found.at(-1)?.push(this.item());
    }
    return found;
  }

  private item(): Node {
    const char = this.source[this.at] ?? "";
    if (char === "^" || char === "$") {
      this.at++;
      return { type: "edge", start: char === "^" };
    }
    if (char === "\\" && this.source[this.at + 1] === "b") {
      this.at += 2;
      return { type: "group", branches: [[]], min: 1, max: 1 };
    }
    if (char === "(") return this.group();
    const set = char === "[" ? this.charClass() : this.single();
    return { type: "chars", set, ...this.quantifier() };
  }

  private group(): Node {
    if (this.source[this.at + 1] !== "?" || this.source[this.at + 2] !== ":") this.refuse("a group is written (?:…), without look-around");
    this.at += 3;
    const branches = this.branches();
    this.at++;
    const { min, max } = this.quantifier();
    if (max === Number.POSITIVE_INFINITY) this.refuse("a group may not repeat without limit");
    if (max > 1 && branches.some((branch) => branch.some(varies))) this.refuse("a repetition stands within another one");
    return { type: "group", branches, min, max };
  }

  private quantifier(): { min: number; max: number } {
    const char = this.source[this.at];
    let range = { min: 1, max: 1 };
    if (char === "*") range = { min: 0, max: Number.POSITIVE_INFINITY };
    else if (char === "+") range = { min: 1, max: Number.POSITIVE_INFINITY };
    else if (char === "?") range = { min: 0, max: 1 };
    else if (char === "{") {
      const end = this.source.indexOf("}", this.at);
      const [min = "", max = min] = this.source
        .slice(this.at + 1, end)
        .join("")
        .split(",");
      range = { min: Number(min), max: max === "" ? Number.POSITIVE_INFINITY : Number(max) };
      this.at = end;
    } else return range;
    this.at++;
    if (this.source[this.at] === "?") this.refuse("a lazy repetition is not needed in a line, and not taken");
    return range;
  }

  /** One character, an escape, or the point. */
  private single(): CharSet {
    const char = this.source[this.at++] ?? "";
    if (char === ".") return new Uint8Array(130).fill(1);
    if (char !== "\\") return this.charSet(char);
    return this.escaped();
  }

  private escaped(): CharSet {
    const char = this.source[this.at++] ?? "";
    if (char in SHORTHANDS) return (SHORTHANDS[char] as CharSet).slice(); // It is one of its keys.
    if (char === "t") return this.charSet("\t");
    if (char === "r") return this.charSet("\r");
    if (char === "u") {
      const code = this.source.slice(this.at, this.at + 4).join("");
      this.at += 4;
      return this.charSet(String.fromCodePoint(Number.parseInt(code, 16)));
    }
    if (/[0-9a-zA-Z]/.test(char)) this.refuse(`\\${char} is not taken`);
    return this.charSet(char);
  }

  private charClass(): CharSet {
    this.at++;
    const negated = this.source[this.at] === "^";
    if (negated) this.at++;
    const set = new Uint8Array(130);
    while (this.source[this.at] !== "]") {
      const first = this.source[this.at] ?? "";
      const one = this.source[this.at] === "." ? this.literalPoint() : this.single();
      const isRange = this.source[this.at] === "-" && this.source[this.at + 1] !== "]" && first !== "\\";
      if (isRange) {
        const last = this.source[this.at + 1] ?? "";
        this.at += 2;
        for (let code = first.codePointAt(0) ?? 0; code <= (last.codePointAt(0) ?? 0) && code < OTHER; code++) {
          unite(set, this.charSet(String.fromCodePoint(code)));
        }
        if ((last.codePointAt(0) ?? 0) >= OTHER) set[OTHER] = 1;
      } else unite(set, one);
    }
    this.at++;
    if (!negated) return set;
    // What is not ASCII is not told apart, so it stays in the set even where some of it was named.
    return set.map((flag, index) => (index >= OTHER ? 1 : 1 - flag));
  }

  private literalPoint(): CharSet {
    this.at++;
    return this.charSet(".");
  }

  private charSet(char: string): CharSet {
    const set = new Uint8Array(130);
    for (const one of this.blind ? [char.toLowerCase(), char.toUpperCase()] : [char]) set[indexOf(one)] = 1;
    return set;
  }
}

function indexOf(char: string): number {
  const code = char.codePointAt(0) ?? 0;
  if (code < OTHER) return code;
  return /\s/.test(char) ? OTHER_SPACE : OTHER;
}

function shorthand(pattern: RegExp, other: 0 | 1, otherSpace: 0 | 1): CharSet {
  const set = Uint8Array.from({ length: 130 }, (_, code) => (code < OTHER && pattern.test(String.fromCodePoint(code)) ? 1 : 0));
  set[OTHER] = other;
  set[OTHER_SPACE] = otherSpace;
  return set;
}

const SHORTHANDS: Readonly<Record<string, CharSet>> = {
  d: shorthand(/\d/, 0, 0),
  D: shorthand(/\D/, 1, 1),
  w: shorthand(/\w/, 0, 0),
  W: shorthand(/\W/, 1, 1),
  s: shorthand(/\s/, 0, 1),
  S: shorthand(/\S/, 1, 0),
};

function unite(set: CharSet, other: CharSet): void {
  for (let index = 0; index < set.length; index++) if (other[index]) set[index] = 1;
}

function meets(one: CharSet, other: CharSet): boolean {
  return one.some((flag, index) => flag === 1 && other[index] === 1);
}

function varies(node: Node): boolean {
  if (node.type === "edge") return false;
  if (node.min !== node.max) return true;
  return node.type === "group" && node.branches.some((branch) => branch.some(varies));
}

/** The most characters that a sequence can span. */
function longest(nodes: readonly Node[]): number {
  let sum = 0;
  for (const node of nodes) {
    if (node.type === "chars") sum += node.max;
    if (node.type === "group") sum += node.max * Math.max(...node.branches.map(longest));
  }
  return sum;
}

/** By how many characters the length of a sequence can vary. */
function slack(nodes: readonly Node[]): number {
  let sum = 0;
  for (const node of nodes) {
    if (node.type === "chars") sum += node.max - node.min;
    if (node.type === "group")
      sum += (node.max - node.min) * longest([{ ...node, min: 1, max: 1 }]) + Math.max(...node.branches.map(slack)) * node.max;
  }
  return sum;
}

/** The characters that a sequence can begin with, and whether it can be empty. */
function firstOf(nodes: readonly Node[]): { set: CharSet; empty: boolean } {
  const set = new Uint8Array(130);
  for (const node of nodes) {
    if (node.type === "edge") continue;
    if (node.type === "chars") unite(set, node.set);
    let empty = node.min === 0;
    if (node.type === "group") {
      for (const branch of node.branches) {
        const first = firstOf(branch);
        unite(set, first.set);
        empty ||= first.empty;
      }
    }
    if (!empty) return { set, empty: false };
  }
  return { set, empty: true };
}

function checkBranch(nodes: readonly Node[], refuse: Refuse): void {
  const [first] = nodes;
  const anchored = first?.type === "edge" && first.start;
  const span = longest(nodes);
  if (!anchored && span === Number.POSITIVE_INFINITY) refuse("a repetition without limit needs ^ at the start of its alternative");
  if (!anchored && span > FLOATING_CHARS_MAX) refuse(`without ^ it may span ${FLOATING_CHARS_MAX} characters`);
  if (!anchored && slack(nodes) > FLOATING_SLACK_MAX)
    refuse(`without ^ its repetitions may vary by ${FLOATING_SLACK_MAX} characters in all`);
  if (span === 0) refuse("an alternative is empty and would match every line");
  const doubts = doubtsIn(nodes, [], refuse);
  if (!anchored && doubts > 0 && slack(nodes) > FLOATING_SLACK_MAX / 3)
    refuse("without ^, what could be read in several ways must be shorter");
  if (doubts > 1) refuse("two of its parts could each be read in several ways, so that the time would be their product");
}

/** Counts the places where a reader would have to try more than one way. */
function doubtsIn(nodes: readonly Node[], after: readonly Node[], refuse: Refuse): number {
  let doubts = 0;
  for (const [index, node] of nodes.entries()) {
    if (node.type === "edge") continue;
    const rest = [...nodes.slice(index + 1), ...after];
    const follow = firstOf(rest).set;
    const own = node.type === "chars" ? node.set : firstOf([node]).set;
    if (node.min !== node.max && meets(own, follow)) {
      if (longest(rest) > FLOATING_CHARS_MAX || slack(rest) > FLOATING_SLACK_MAX)
        refuse("what follows a repetition could be taken for more of it, and is too long or varies too much");
      doubts++;
    }
    if (node.type === "group") {
      // In a repeated group, what follows may be the group again; and a doubt would come back in each round.
      const inner = node.branches.reduce((sum, branch) => sum + doubtsIn(branch, node.max > 1 ? [node, ...rest] : rest, refuse), 0);
      const isDoubtful = rest.length > 0 && overlap(node.branches) ? 1 : 0;
      if (node.max > 1 && (inner > 0 || overlap(node.branches))) refuse("a repeated group could be read in several ways");
      doubts += inner + isDoubtful;
    }
  }
  return doubts;
}

/** Whether two alternatives of a group could both be right. Two fixed texts cannot, unless one begins with the other. */
function overlap(branches: readonly Node[][]): boolean {
  return branches.some((one, index) => branches.slice(index + 1).some((other) => bothFit(one, other)));
}

function bothFit(one: readonly Node[], other: readonly Node[]): boolean {
  for (let at = 0; at < Math.min(one.length, other.length); at++) {
    const [left, right] = [one[at], other[at]];
    if (left?.type !== "chars" || right?.type !== "chars") return true;
    if (left.min !== 1 || left.max !== 1 || right.min !== 1 || right.max !== 1) return meets(left.set, right.set);
    if (!meets(left.set, right.set)) return false;
  }
  return true;
}
