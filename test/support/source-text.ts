/** What may stand before a `/` that opens a regular expression rather than divides. */
const BEFORE_REGEX = /(?:^|[=(,:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|await|yield|void|delete|throw|new))\s*$/;

/** A source text twice over; both as long as the original, so that positions stay. */
export interface SourceText {
  /** Comments are blanks. */
  readonly withoutComments: string;
  /** Comments are blanks, and so is what stands inside strings, templates (not their `${…}`) and regular expressions. */
  readonly codeOnly: string;
}

/** Tells the code of a TypeScript file from its comments and literals. A scanner, no parser: enough to look for names and imports. */
export function readSource(source: string): SourceText {
  const withoutComments = source.split("");
  const codeOnly = source.split("");
  // One entry per open template, counting the braces open inside its current `${`.
  const templates: number[] = [];
  let at = 0;

  const blank = (column: string[], start: number, end: number): void => {
    for (let i = start; i < end; i++) if (column[i] !== "\n") column[i] = " ";
  };
  const skipComment = (end: number): void => {
    blank(withoutComments, at, end);
    blank(codeOnly, at, end);
    at = end;
  };
  const skipLiteral = (end: number): void => {
    blank(codeOnly, at + 1, end - 1);
    at = end;
  };
  const skipTemplate = (): void => {
    const start = at;
    at++;
    while (at < source.length && source[at] !== "`" && !source.startsWith("${", at)) at += source[at] === "\\" ? 2 : 1;
    blank(codeOnly, start + 1, at);
    if (source[at] === "`") at++;
    else {
      templates.push(0);
      at += 2;
    }
  };

  while (at < source.length) {
    const open = templates.length - 1;
    if (source.startsWith("//", at)) skipComment(indexOrEnd(source, "\n", at));
    else if (source.startsWith("/*", at)) skipComment(Math.min(source.length, indexOrEnd(source, "*/", at) + 2));
    else if (source[at] === '"' || source[at] === "'") skipLiteral(endOfString(source, at));
    else if (source[at] === "`") skipTemplate();
    else if (source[at] === "/" && BEFORE_REGEX.test(codeOnly.slice(Math.max(0, at - 40), at).join("")))
      skipLiteral(endOfRegex(source, at));
    else if (open >= 0 && source[at] === "}" && templates[open] === 0) {
      templates.pop();
      skipTemplate();
    } else {
      if (open >= 0 && source[at] === "{") templates[open] = (templates[open] ?? 0) + 1;
      if (open >= 0 && source[at] === "}") templates[open] = (templates[open] ?? 0) - 1;
      at++;
    }
  }
  return { withoutComments: withoutComments.join(""), codeOnly: codeOnly.join("") };
}

function indexOrEnd(source: string, what: string, from: number): number {
  const found = source.indexOf(what, from);
  return found < 0 ? source.length : found;
}

function endOfString(source: string, start: number): number {
  let at = start + 1;
  while (at < source.length && source[at] !== source[start] && source[at] !== "\n") at += source[at] === "\\" ? 2 : 1;
  return Math.min(source.length, at + 1);
}

function endOfRegex(source: string, start: number): number {
  let at = start + 1;
  let inClass = false;
  while (at < source.length && source[at] !== "\n" && (inClass || source[at] !== "/")) {
    if (source[at] === "[") inClass = true;
    if (source[at] === "]") inClass = false;
    at += source[at] === "\\" ? 2 : 1;
  }
  return Math.min(source.length, at + 1);
}
