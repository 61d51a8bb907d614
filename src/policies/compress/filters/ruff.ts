import { defineFilter, type Filter } from "../filter.ts";

/** Findings in both forms, with their places and frames; suggested changes go. */
export const ruff: Filter = defineFilter({
  id: "ruff",
  summary: "Findings in both forms, with their places and frames; suggested changes go.",
  commands: ["ruff"],
  scripts: ["make", "tox", "nox"],
  signs: [
    "^[A-Z]{1,4}\\d{3,4} (?:\\[\\*\\] )?\\S",
    "\\.py:\\d{1,6}:\\d{1,6}: [A-Z]{1,4}\\d",
    "^Found \\d+ errors?\\.",
    "^All checks passed",
  ],
  keep: ["^[A-Z]{1,4}\\d{3,4} ", "^ *--> ", "\\.pyi?:\\d{1,6}:\\d", "^(?:Found|All checks|Would reformat|\\[\\*\\])"],
  dropSpans: [{ what: "suggested change", from: ["^help: "], linesMax: 60 }],
  samples: [
    {
      claim: "the concise form stays",
      command: "ruff check",
      output: `shop/cart.py:1:8: F401 [*] \`os\` imported but unused
F401 [*] \`sys\` imported but unused
 --> shop/cart.py:2:8
  |
2 | import sys
  |        ^^^
help: Remove unused import: \`sys\`
  |
  - import sys
  |

Found 2 errors.`,
      survives: [
        "shop/cart.py:1:8: F401 [*] `os` imported but unused",
        " --> shop/cart.py:2:8",
        "2 | import sys",
        "help: Remove unused import: `sys`",
      ],
      drops: ["  - import sys"],
    },
  ],
});
