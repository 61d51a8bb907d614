import { PROBE_CHARS_MAX } from "./line-pattern.ts";

/** So much of what patterns see of a long line is its beginning; the rest is its end. */
const PROBE_HEAD_CHARS = 768;

/** What patterns see of a line: all of it, or the beginning and the end of a long one. */
export function probe(line: string): string {
  const length = line.charCodeAt(line.length - 1) === 13 ? line.length - 1 : line.length;
  if (length <= PROBE_CHARS_MAX) return length === line.length ? line : line.slice(0, length);
  return line.slice(0, PROBE_HEAD_CHARS) + line.slice(length - (PROBE_CHARS_MAX - PROBE_HEAD_CHARS), length);
}

/** A text in lines. */
export interface Lines {
  /** All of it; one character stands between each two lines. */
  readonly text: string;
  readonly texts: readonly string[];
  /** Which of them a terminal would have written over, because a lone carriage return follows. Undefined if none. */
  readonly overwritten: ReadonlySet<number> | undefined;
}

/** Splits as a terminal shows it: each state of a progress bar is a line. */
export function splitLines(text: string): Lines {
  const rows = text.split("\n");
  if (!hasLoneReturn(text)) return { text, texts: rows, overwritten: undefined };
  const texts: string[] = [];
  const overwritten = new Set<number>();
  for (const row of rows) {
    const end = row.endsWith("\r") ? row.length - 1 : row.length;
    let start = 0;
    for (let at = row.indexOf("\r"); at !== -1 && at < end; at = row.indexOf("\r", start)) {
      overwritten.add(texts.push(row.slice(start, at)) - 1);
      start = at + 1;
    }
    texts.push(row.slice(start));
  }
  return { text, texts, overwritten };
}

function hasLoneReturn(text: string): boolean {
  for (let at = text.indexOf("\r"); at !== -1; at = text.indexOf("\r", at + 1)) {
    if (at + 1 < text.length && text.charCodeAt(at + 1) !== 10) return true;
  }
  return false;
}

const ESCAPE = "\u001b";

/**
 * Colours and movements, titles and links, character sets. None goes beyond its line: the runtime's own function takes a title that does not
 * end for all of the text that follows it.
 */
const SEQUENCES = new RegExp(
  [
    `${ESCAPE}\\[[0-9;:<=>?]{0,64}[ -/]{0,4}[@-~]`,
    `${ESCAPE}\\][^\\u0007${ESCAPE}\\r\\n]{0,2048}(?:\\u0007|${ESCAPE}\\\\)`,
    `${ESCAPE}[()][A-Z0-9]`,
    `${ESCAPE}[=>78cDEHMNOZ]`,
  ].join("|"),
  "g",
);

/** Takes out what only a terminal understands; gives the text back as it is if some of that is not understood here. */
export function withoutAnsi(text: string): string {
  if (!text.includes(ESCAPE)) return text;
  const plain = text.replace(SEQUENCES, "");
  // What is left could join to a new sequence, so that doing it twice would not be the same as doing it once.
  return plain.includes(ESCAPE) ? text : plain;
}
