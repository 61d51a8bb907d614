import type { Place } from "./diagnostic.ts";

/** A file of the operator's. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

/** An entry of an object or a list as it is written in a source, and the keys that lead to it from the outermost literal. */
interface Entry {
  readonly path: readonly string[];
  readonly offset: number;
}

/** Where something is written, or what is around it. */
export interface Located {
  readonly place: Place;
  /** How many keys of the path led to it. */
  readonly depth: number;
  /** Whether it is the thing itself. */
  readonly whole: boolean;
}

/**
 * Finds where a value of the configuration is written, though it may be composed of several files. A scanner over literals, no parser: what is
 * computed is not found, and then the nearest thing around it is.
 *
 * @param sources The configuration's own file first.
 * @param path From the root of the configuration.
 * @param value What stands there, if it is a text: it is looked for where the path leads to nothing.
 */
export class Locator {
  readonly #sources: readonly (Source & { readonly entries: readonly Entry[]; readonly start: number })[];

  constructor(sources: readonly Source[]) {
    this.#sources = sources.map((source) => ({
      ...source,
      entries: /\.ya?ml$/.test(source.file) ? yamlEntries(source.text) : literalEntries(source.text),
      start: Math.max(0, source.text.search(/^export default\b/m)),
    }));
  }

  /** @returns Undefined if not even the section that `path` begins with is written anywhere. */
  find(path: readonly string[], value?: unknown): Located | undefined {
    for (let depth = path.length; depth > 0; depth--) {
      const start = path.slice(0, depth);
      const place =
        this.#whole(start) ??
        this.#ending(start, Math.max(2, depth - 1)) ??
        (depth === path.length ? this.#literal(value) : undefined) ??
        this.#ending(start, 2);
      if (place !== undefined) return { place, depth, whole: depth === path.length };
    }
    return undefined;
  }

  /** Where the whole path is written as one literal, in the configuration's own file. */
  #whole(path: readonly string[]): Place | undefined {
    const [main] = this.#sources;
    const entry = main?.entries.find(
      ({ path: other, offset }) => offset >= main.start && other.length === path.length && endsWith(path, other),
    );
    return main && entry && placeAt(main, entry.offset);
  }

  /** Where the end of the path is written, in any file; the longest end counts. */
  #ending(path: readonly string[], least: number): Place | undefined {
    for (let length = path.length; length >= least; length--) {
      const end = path.slice(path.length - length);
      for (const source of this.#sources) {
        const entry = source.entries.find(({ path: other }) => other.length === length && endsWith(end, other));
        if (entry) return placeAt(source, entry.offset);
      }
    }
    return undefined;
  }

  #literal(value: unknown): Place | undefined {
    if (typeof value !== "string" || value.length < 3) return undefined;
    for (const source of this.#sources) {
      for (const quote of ['"', "'", "`"]) {
        const offset = source.text.indexOf(quote + value + quote);
        if (offset >= 0) return placeAt(source, offset);
      }
    }
    return undefined;
  }
}

/** The text's lines, whatever ends them. */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|\n|\r/);
}

function endsWith(path: readonly string[], end: readonly string[]): boolean {
  const start = path.length - end.length;
  return end.every((key, index) => path[start + index] === key);
}

function placeAt({ file, text }: Source, offset: number): Place {
  const before = linesOf(text.slice(0, offset));
  return { file, line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

interface Frame {
  readonly open: string;
  /** The keys that lead here; parentheses add none, so that `openai: provider.openai({ … })` reads as if the call were not there. */
  readonly path: readonly string[];
  key: string | undefined;
  index: number;
  expectsEntry: boolean;
}

function literalEntries(text: string): Entry[] {
  const entries: Entry[] = [];
  const frames: Frame[] = [];
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|`(?:[^`\\]|\\[\s\S])*`?|\.\.\.|[A-Za-z_$][\w$]*|[^\s]/g;
  for (const match of text.matchAll(token)) {
    const [word] = match;
    if (word.startsWith("//") || word.startsWith("/*")) continue;
    const top = frames.at(-1);
    if (top?.open === "[" && top.expectsEntry && word !== "]" && word !== ",") {
      top.expectsEntry = false;
      top.key = String(top.index);
      entries.push({ path: pathOf(top), offset: match.index });
    }
    if (word === "{" || word === "[" || word === "(") {
      frames.push({ open: word, path: top === undefined ? [] : pathOf(top), key: undefined, index: 0, expectsEntry: true });
    } else if (word === "}" || word === "]" || word === ")") frames.pop();
    else if (word === ",") nextEntry(top);
    // After a spread there is no key of this literal's own until the next comma.
    else if (word === "..." && top) top.expectsEntry = false;
    else if (top?.open === "{" && top.expectsEntry) {
      const key = keyOf(word, text, match.index + word.length);
      top.expectsEntry = false;
      if (key === undefined) continue;
      top.key = key;
      entries.push({ path: pathOf(top), offset: match.index });
    }
  }
  return entries;
}

function nextEntry(frame: Frame | undefined): void {
  if (frame === undefined) return;
  frame.expectsEntry = true;
  frame.key = undefined;
  frame.index++;
}

function pathOf({ open, path, key }: Frame): readonly string[] {
  return open === "(" || key === undefined ? path : [...path, key];
}

function keyOf(word: string, text: string, end: number): string | undefined {
  const follows = /^\s*([:,}(])/.exec(text.slice(end, end + 200))?.[1];
  const isText = /^["'`]/.test(word);
  if (follows === undefined || (isText && follows !== ":")) return undefined;
  return isText ? word.slice(1, -1) : word;
}

/** YAML in its usual block style: one key to a line, depth by indentation. */
function yamlEntries(text: string): Entry[] {
  const entries: Entry[] = [];
  const open: { readonly indent: number; readonly path: readonly string[]; items: number }[] = [{ indent: -1, path: [], items: 0 }];
  let offset = 0;
  for (const line of text.split("\n")) {
    const [, space = "", dash = "", key] = /^(\s*)(- +)?(?:(["']?[\w.\-/:$]+["']?):(?:\s|$))?/.exec(line) ?? [];
    let indent = space.length;
    if (line.trim() !== "" && !line.trim().startsWith("#")) {
      // A dash may stand as far left as the key that it belongs to.
      while ((open.at(-1)?.indent ?? -1) >= indent + (dash === "" ? 0 : 1)) open.pop();
      if (dash !== "") {
        const parent = open.at(-1);
        const path = [...(parent?.path ?? []), String(parent?.items ?? 0)];
        if (parent) parent.items++;
        entries.push({ path, offset: offset + indent + dash.length });
        open.push({ indent: indent + 1, path, items: 0 });
        indent += dash.length;
      }
      if (key !== undefined) {
        const path = [...(open.at(-1)?.path ?? []), key.replace(/^["']|["']$/g, "")];
        entries.push({ path, offset: offset + indent });
        open.push({ indent, path, items: 0 });
      }
    }
    offset += line.length + 1;
  }
  return entries;
}
