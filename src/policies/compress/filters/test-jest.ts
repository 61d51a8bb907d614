import { defineFilter, type Filter } from "../filter.ts";

/** Failing tests with message, code frame and stack, and the totals; passing tests go. */
export const testJest: Filter = defineFilter({
  id: "test-jest",
  summary: "Failing tests with message, code frame and stack, and the totals; passing tests go.",
  commands: ["jest", "react-scripts test"],
  scripts: ["npm test", "npm run", "npm t", "pnpm", "yarn", "bun run", "make"],
  signs: ["^Test Suites: ", "^Tests: +\\d", "^(?:PASS|FAIL) +\\S+\\.(?:js|jsx|ts|tsx|mjs|cjs)", "^ {2}● "],
  keep: ["^(?:FAIL|Test Suites|Tests|Snapshots|Time|Ran all):? ", "^ +[✕○] ", "^ {2}● "],
  keepSpans: [{ from: ["^ {2}● "], to: ["^ {2}● ", "^(?:PASS|FAIL|Test Suites)"], linesMax: 80 }],
  drop: [{ what: "passing tests", lines: ["^ +✓ ", "^ +√ ", "^PASS "] }],
  samples: [
    {
      claim: "what was expected and where stays",
      command: "npx jest",
      output: `PASS src/a.test.js
  ✓ adds up (2 ms)
FAIL src/b.test.js
  ● Test suite failed to run

    Cannot find module './cart' from 'src/b.test.js'

    > 1 | const cart = require('./cart');

      at Resolver._throwModNotFoundError (node_modules/jest-resolve/build/index.js:863:11)

  ● discounts

    expect(received).toBe(expected) // Object.is equality

    Expected: 27
    Received: 30

Test Suites: 1 failed, 1 passed, 2 total`,
      survives: [
        "    Cannot find module './cart' from 'src/b.test.js'",
        "    > 1 | const cart = require('./cart');",
        "    expect(received).toBe(expected) // Object.is equality",
        "    Received: 30",
        "Test Suites: 1 failed, 1 passed, 2 total",
      ],
      drops: ["PASS src/a.test.js", "  ✓ adds up (2 ms)"],
    },
  ],
});
