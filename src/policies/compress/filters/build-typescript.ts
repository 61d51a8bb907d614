import { defineFilter, type Filter } from "../filter.ts";

/** Diagnostics with their continuation lines and frames; watch chatter goes. */
export const buildTypescript: Filter = defineFilter({
  id: "build-typescript",
  summary: "Diagnostics with their continuation lines and frames; watch chatter goes.",
  commands: ["tsc", "vue-tsc", "npm run typecheck", "pnpm typecheck", "yarn typecheck"],
  scripts: ["npm run", "pnpm", "yarn", "bun run", "make"],
  signs: ["\\(\\d{1,6},\\d{1,6}\\): error TS\\d", ":\\d{1,6}:\\d{1,6} - error TS\\d", "^Found \\d+ errors?"],
  keep: ["\\bTS\\d{4,5}:", "^Found \\d", "^ {2,12}\\S"],
  keepSpans: [
    { from: [":\\d{1,6}:\\d{1,6} - (?:error|warning|message) "], to: [":\\d{1,6}:\\d{1,6} - (?:error|warning|message) "], linesMax: 12 },
  ],
  drop: [
    { what: "watch mode", lines: ["Starting compilation in watch mode", "Starting incremental compilation", "Watching for file changes"] },
    { what: "project references", lines: ["^.*' is up to date because "] },
    { what: "script header", lines: ["^> \\S+@\\d"] },
  ],
  samples: [
    {
      claim: "continuation lines stay",
      command: "npx tsc --noEmit",
      output: `[12:00:00 PM] Starting compilation in watch mode...
src/a.ts(3,5): error TS2345: Argument of type '{ a: string; }' is not assignable to parameter of type 'B'.
  Types of property 'a' are incompatible.
    Type 'string' is not assignable to type 'number'.
Found 1 error.`,
      survives: ["  Types of property 'a' are incompatible.", "    Type 'string' is not assignable to type 'number'.", "Found 1 error."],
      drops: ["[12:00:00 PM] Starting compilation in watch mode..."],
    },
  ],
});
