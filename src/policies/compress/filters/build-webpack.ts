import { defineFilter, type Filter } from "../filter.ts";

/** Errors, warnings, entry points and the verdict; modules and unchanged assets go. */
export const buildWebpack: Filter = defineFilter({
  id: "build-webpack",
  summary: "Errors, warnings, entry points and the verdict; modules and unchanged assets go.",
  commands: ["webpack"],
  scripts: ["npm run", "pnpm", "yarn", "make"],
  signs: ["^webpack \\d+\\.\\d+\\.\\d+ compiled", "^asset \\S+ [\\d.]+ \\w", "^ERROR in ", "\\[built\\] \\[code generated\\]"],
  keep: ["^(?:ERROR|WARNING) in ", "^webpack ", "^Entrypoint ", "\\(name: "],
  keepSpans: [{ from: ["^(?:ERROR|WARNING) in "], linesMax: 30 }],
  drop: [
    {
      what: "modules",
      lines: [
        "\\[built\\]",
        "^ *(?:cacheable|orphan|runtime) modules",
        "^ *(?:\\+ \\d+|\\d+) modules?$",
        "^ *modules by (?:path|layer)",
        "^ +\\./\\S+ [\\d.]+ \\w{1,5}",
      ],
    },
    {
      what: "assets",
      lines: [
        "\\[compared for emit\\]",
        "^ *assets by ",
        "^ *asset \\S+ [\\d.]+ \\S+ \\[emitted\\]$",
        "^ *asset \\S+ [\\d.]+ \\S+ \\[emitted\\] \\[(?:immutable|minimized)",
      ],
    },
  ],
  dropSpans: [{ what: "tried names", from: ["^ *resolve '"], to: ["^(?:ERROR|WARNING) in ", "^webpack "], linesMax: 200 }],
  samples: [
    {
      claim: "an error stays with its reason",
      command: "npx webpack",
      output: `asset main.js 13.7 KiB [emitted] (name: main)
asset page1.js 1.18 KiB [emitted]
  ./src/pages/page0.js 56 bytes [built] [code generated]

ERROR in ./src/main.js 1:0-33
Module not found: Error: Can't resolve './gone.js' in '/tmp/project/src'

webpack 5.90.0 compiled with 1 error in 524 ms`,
      survives: [
        "ERROR in ./src/main.js 1:0-33",
        "Module not found: Error: Can't resolve './gone.js' in '/tmp/project/src'",
        "asset main.js 13.7 KiB [emitted] (name: main)",
      ],
      drops: ["  ./src/pages/page0.js 56 bytes [built] [code generated]", "asset page1.js 1.18 KiB [emitted]"],
    },
  ],
});
