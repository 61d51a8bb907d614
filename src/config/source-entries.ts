/** An entry of an object or a list as it is written in a source, and the keys that lead to it from the outermost literal. */
export interface Entry {
  readonly path: readonly string[];
  readonly offset: number;
}
interface Frame {
  readonly open: string;
  /** The keys that lead here; parentheses add none, so that `openai: provider.openai({ … })` reads as if the call were not there. */
  readonly path: readonly string[];
  key: string | undefined;
  index: number;
  expectsEntry: boolean;
}

/** Entries of all objects and lists in a TypeScript or JSON source, in the order of the text. What is not understood is passed over. */
export function literalEntries(text: string): Entry[] {
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
export function yamlEntries(text: string): Entry[] {
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
