import { defineFilter, type Filter } from "../filter.ts";

/** Files that are not formatted, and errors; unchanged files go. */
export const prettier: Filter = defineFilter({
  id: "prettier",
  summary: "Files that are not formatted, and errors; unchanged files go.",
  commands: ["prettier"],
  scripts: ["npm run", "pnpm", "yarn", "bun run", "make"],
  signs: ["^\\[warn\\] \\S", "^Checking formatting", "^All matched files use Prettier"],
  keep: ["^\\[(?:warn|error)\\]", "^All matched files"],
  drop: [{ what: "unchanged files", lines: ["\\d{1,6}ms \\(unchanged\\)$", "\\(unchanged\\) \\(cached\\)$"] }],
  samples: [
    {
      claim: "files that were written stay",
      command: "npx prettier --write .",
      output: `src/a.js 125ms (unchanged)
src/b.js 5ms
[warn] src/c.js`,
      survives: ["src/b.js 5ms", "[warn] src/c.js"],
      drops: ["src/a.js 125ms (unchanged)"],
    },
  ],
});
