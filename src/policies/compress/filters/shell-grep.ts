import { defineFilter, type Filter } from "../filter.ts";

/** Matches with context, from any path; of very many both ends, and of very long lines theirs. */
export const shellGrep: Filter = defineFilter({
  id: "shell-grep",
  summary: "Matches with context, from any path; of very many both ends, and of very long lines theirs.",
  commands: ["grep", "egrep", "fgrep", "rg", "ag", "ack", "git grep"],
  signs: ["^[^: ]+:\\d+:", "^[^:/ ]+/[^: ]+:\\d", "^[^: ]+-\\d{1,6}-"],
  keep: ["^Binary file ", "^(?:grep|rg): "],
  drop: [{ what: "in installed packages", lines: ["^(?:\\./)?(?:node_modules|dist|coverage|\\.next|\\.git)/"], unlessMost: true }],
  cap: { lines: 220, head: 150, tail: 40 },
  lineCharsMax: 2048,
  samples: [
    {
      claim: "paths with blanks and context stay",
      command: "grep -rn total .",
      output: `./my docs/a.md:3:the total
./src/a.ts-10-const before = 1;
./node_modules/x/index.js:1:total`,
      survives: ["./my docs/a.md:3:the total", "./src/a.ts-10-const before = 1;"],
      drops: ["./node_modules/x/index.js:1:total"],
    },
  ],
});
