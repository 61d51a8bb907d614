import { defineFilter, type Filter } from "../filter.ts";

/** How many packages were resolved and installed, changes of version, and errors; a line per new package goes. */
export const uvSync: Filter = defineFilter({
  id: "uv-sync",
  summary: "How many packages were resolved and installed, changes of version, and errors; a line per new package goes.",
  commands: ["uv sync", "uv pip", "uv add", "uv lock", "uv remove"],
  signs: ["^Resolved \\d+ packages? in ", "^(?:Prepared|Installed|Uninstalled|Audited) \\d+ packages? in ", "^ \\+ \\S+==\\d"],
  keep: ["^(?:Resolved|Installed|Uninstalled|Audited|warning|hint)", "^ [-~] \\S", "^ {2}(?:×|╰─▶|cause)"],
  keepSpans: [{ from: ["^error: ", "^ {2}× "], linesMax: 40 }],
  drop: [{ what: "new packages", lines: ["^ \\+ \\S+==", "^Prepared \\d", "^ *(?:Downloading|Downloaded|Building|Built) \\S"] }],
  samples: [
    {
      claim: "removed versions stay (from its documentation)",
      command: "uv sync",
      output: `Resolved 9 packages in 120ms
Prepared 2 packages in 80ms
Installed 2 packages in 4ms
 + click==8.1.7
 - flask==2.0.0
 + flask==3.0.0`,
      survives: ["Resolved 9 packages in 120ms", " - flask==2.0.0"],
      drops: [" + click==8.1.7", "Prepared 2 packages in 80ms"],
    },
  ],
});
