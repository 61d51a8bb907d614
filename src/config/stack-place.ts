import type { Place } from "./diagnostic.ts";

/** The first place in a stack that is in the operator's files. */
export function placeInStack(stack: string): Place | undefined {
  for (const line of stack.split("\n")) {
    const [, file, row, column] = /(?:\(|at (?:async )?)(\/[^()]*?):(\d+):(\d+)\)?$/.exec(line.trim()) ?? [];
    if (file === undefined || file.startsWith("/$bunfs/") || file.startsWith(import.meta.dir)) continue;
    return { file, line: Number(row), column: Number(column) };
  }
  return undefined;
}
