import { defineFilter, type Filter } from "../filter.ts";

/** Failing tests with their differences and frames, and the totals; passing tests go. */
export const testVitest: Filter = defineFilter({
  id: "test-vitest",
  summary: "Failing tests with their differences and frames, and the totals; passing tests go.",
  commands: ["vitest"],
  scripts: ["npm test", "npm run", "npm t", "pnpm", "yarn", "bun run", "make"],
  signs: ["^ *RUN +v\\d", "^ +Test Files +\\d", "^ *[✓❯] \\S+\\.(?:test|spec)\\.", "^⎯+ Failed (?:Tests|Suites)", "^ +Start at +\\d"],
  keep: ["^ *(?:FAIL|Test Files|Tests|Duration|Errors|Snapshots) ", "^ *[❯→] "],
  keepSpans: [{ from: ["^ FAIL ", "^⎯+ (?:Failed|Unhandled)"], to: ["^⎯{6,}\\[", "^ +Test Files "], linesMax: 80 }],
  drop: [
    { what: "passing tests", lines: ["^ *✓ "] },
    { what: "skipped tests", lines: ["^ *↓ "] },
  ],
  samples: [
    {
      claim: "the difference between expected and received stays",
      command: "npx vitest run",
      output: ` RUN  v3.0.0 /tmp/project

 ✓ src/a.test.ts (12 tests) 34ms
 ❯ src/b.test.ts (1 test | 1 failed) 12ms
   × makes a receipt 5ms

 FAIL  src/b.test.ts > makes a receipt
AssertionError: expected { total: 30 } to deeply equal { total: 27 }

- Expected
+ Received

-   "total": 27,
+   "total": 30,

 Test Files  1 failed | 1 passed (2)
      Tests  1 failed | 12 passed (13)`,
      survives: ['-   "total": 27,', '+   "total": 30,', "      Tests  1 failed | 12 passed (13)"],
      drops: [" ✓ src/a.test.ts (12 tests) 34ms"],
    },
  ],
});
