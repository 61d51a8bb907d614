import { defineFilter, type Filter } from "../filter.ts";

/** Failing tests with error, code frame and context, and the totals; passing tests go. */
export const playwright: Filter = defineFilter({
  id: "playwright",
  summary: "Failing tests with error, code frame and context, and the totals; passing tests go.",
  commands: ["playwright test"],
  scripts: ["npm test", "npm run", "pnpm", "yarn", "make"],
  signs: ["^Running \\d+ tests? using \\d+ worker", "^ +[✓✘] +\\d+ ", "^ {2}\\d+ (?:passed|failed|flaky) ?", "^ +Error Context: "],
  keep: ["^Running \\d", "^ +[✘] ", "^ {2}\\d+ (?:passed|failed|flaky|skipped|did not run)", "^ +\\[\\S+ › "],
  keepSpans: [{ from: ["^ {2}\\d+\\) "], to: ["^ {2}\\d+ (?:passed|failed|flaky)"], linesMax: 120 }],
  drop: [
    { what: "passing tests", lines: ["^ +✓ ", "^ +ok +\\d+ "] },
    { what: "skipped tests", lines: ["^ +- +\\d+ "] },
  ],
  samples: [
    {
      claim: "the frame stays",
      command: "npx playwright test",
      output: `Running 2 tests using 1 worker

  ✓   1 e2e/a.spec.js:2:1 › shows the page (38ms)
  ✘   2 e2e/b.spec.js:2:1 › signs in (95ms)

  1) e2e/b.spec.js:2:1 › signs in

    Expected: "/home"
    Received: "/login"

    > 3 |   expect("/login").toBe("/home");

  1 failed
  1 passed (2.1s)`,
      survives: ['    Received: "/login"', '    > 3 |   expect("/login").toBe("/home");', "  1 passed (2.1s)"],
      drops: ["  ✓   1 e2e/a.spec.js:2:1 › shows the page (38ms)"],
    },
  ],
});
