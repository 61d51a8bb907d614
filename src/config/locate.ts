import type { Place } from "./diagnostic.ts";
import { type Entry, literalEntries, yamlEntries } from "./source-entries.ts";

/** A file of the operator's. */
export interface Source {
  readonly file: string;
  readonly text: string;
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
