import { defineFilter, type Filter } from "../filter.ts";

/** The number of operations, warnings and errors; a line per package goes. */
export const poetryInstall: Filter = defineFilter({
  id: "poetry-install",
  summary: "The number of operations, warnings and errors; a line per package goes.",
  commands: ["poetry install", "poetry update", "poetry add", "poetry lock"],
  signs: [
    "^Package operations: \\d",
    "^Installing dependencies from lock file",
    "^ {2}[-•] (?:Installing|Updating|Removing|Downgrading) \\S",
  ],
  keep: [
    "^Package operations: ",
    "^(?:Writing|Installing dependencies|Updating dependencies|Because|Warning|No dependencies|The lock)",
    "^ {2}[-•] (?:Updating|Removing|Downgrading) ",
  ],
  keepSpans: [{ from: ["^Because ", "^ {2}\\w+Error$"], linesMax: 30 }],
  drop: [{ what: "installed packages", lines: ["^ {2}[-•] Installing \\S", "^Resolving dependencies"] }],
  samples: [
    {
      claim: "operations stay (from its documentation)",
      command: "poetry install",
      output: `Installing dependencies from lock file

Package operations: 3 installs, 1 update, 0 removals

  - Installing click (8.1.7)
  - Updating flask (2.0.0 -> 3.0.0)

Because shop depends on flask (^9) which doesn't match any versions, version solving failed.`,
      survives: ["Package operations: 3 installs, 1 update, 0 removals", "  - Updating flask (2.0.0 -> 3.0.0)"],
      drops: ["  - Installing click (8.1.7)"],
    },
  ],
});
