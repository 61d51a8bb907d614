import type { Json } from "../../ir/json.ts";
import { type Fields, textOf } from "../fields.ts";

/** A step on the way to a value: a key, or a place in a list. */
const STEP = /\.([^.[\]]+)|\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\]/y;

/** No list has more items than this, whatever a path says. */
const INDEX_MAX = 10_000;

type Container = Map<string, Container | Json>;

/** Arguments that come value by value, as Gemini streams them when it is asked to. https://ai.google.dev/api/caching#FunctionCall */
export class PartialArguments {
  readonly #root: Container = new Map();
  readonly #lists = new Set<Container>();
  #path: string | undefined;
  #isEmpty = true;

  /**
   * Takes one piece: the path of a value, and the value or more of its text.
   * @throws {OmniError} If there can be no such path.
   */
  add(piece: Fields): void {
    const path = piece.string("jsonPath");
    const steps = stepsOf(path);
    const last = steps.at(-1);
    if (last === undefined) throw piece.wrong("jsonPath", "the path of a value");
    this.#isEmpty = false;
    const owner = this.#ownerOf(steps, piece);
    const text = piece.stringMaybe("stringValue");
    const before = owner.get(String(last));
    const value = text ?? piece.numberMaybe("numberValue") ?? piece.booleanMaybe("boolValue") ?? null;
    owner.set(String(last), text !== undefined && this.#path === path && typeof before === "string" ? before + text : value);
    this.#path = piece.booleanMaybe("willContinue") ? path : undefined;
  }

  /** All of them, as text; undefined if there are none. @throws {OmniError} If they are nested too deeply to print. */
  json(): string | undefined {
    return this.#isEmpty ? undefined : textOf(this.#plain(this.#root), "functionCall.partialArgs", "upstream_invalid");
  }

  #ownerOf(steps: readonly (string | number)[], piece: Fields): Container {
    let at = this.#root;
    for (const [index, step] of steps.entries()) {
      if (typeof step === "number") {
        if (step > INDEX_MAX) throw piece.wrong("jsonPath", "the path of a value");
        this.#lists.add(at);
      }
      if (index === steps.length - 1) break;
      let next = at.get(String(step));
      if (!(next instanceof Map)) {
        next = new Map();
        at.set(String(step), next);
      }
      at = next;
    }
    return at;
  }

  #plain(container: Container): Json {
    const plain = (value: Container | Json): Json => (value instanceof Map ? this.#plain(value) : value);
    const entries = [...container].map(([key, value]) => [key, plain(value)] as const);
    if (!this.#lists.has(container)) return Object.fromEntries(entries);
    return entries.sort(([left], [right]) => Number(left) - Number(right)).map(([, value]) => value);
  }
}

/** The steps of `$.a[0].b`; none if it is no such path. */
function stepsOf(path: string): (string | number)[] {
  if (!path.startsWith("$") || path.length > 1000) return [];
  const steps: (string | number)[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const step = STEP.exec(path);
    if (step === null) return [];
    const [, key, index, quoted, doubleQuoted] = step;
    steps.push(index === undefined ? (key ?? quoted ?? doubleQuoted ?? "") : Number(index));
  }
  return steps;
}
