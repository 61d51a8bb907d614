import { defineFilter, type Filter } from "../filter.ts";

/** Problems under the headings of their files, whatever their ending; of very many warnings both ends. */
export const buildEslint: Filter = defineFilter({
  id: "build-eslint",
  summary: "Problems under the headings of their files, whatever their ending; of very many warnings both ends.",
  commands: ["eslint", "oxlint", "standard"],
  scripts: ["npm run", "pnpm", "yarn", "bun run", "make"],
  signs: ["^ +\\d+:\\d+ +(?:error|warning) ", "^✖ \\d+ problems?"],
  keep: ["^(?:/|[A-Z]:\\\\).{0,400}\\.\\w{1,8}$", "^✖ ", "^ +\\d+ errors? and \\d", "^ +\\d+:\\d+ +error "],
  drop: [
    { what: "script header", lines: ["^> \\S+@\\d", "^> eslint "] },
    { what: "files that are ignored", lines: ["warning {1,8}File ignored "] },
  ],
  thin: { what: "warnings", lines: ["^ +\\d+:\\d+ +warning "], aboveLines: 120, beside: 3 },
  cap: { lines: 300, head: 150, tail: 60 },
  samples: [
    {
      claim: "headings of all kinds of files stay",
      command: "npx eslint src",
      output: `> web@1.0.0 lint
> eslint src

/tmp/project/src/page.vue
  1:5  error    'name' is assigned a value but never used  no-unused-vars
  2:1  warning  Unexpected var                             no-var

✖ 2 problems (1 error, 1 warning)`,
      survives: [
        "/tmp/project/src/page.vue",
        "  2:1  warning  Unexpected var                             no-var",
        "✖ 2 problems (1 error, 1 warning)",
      ],
      drops: ["> web@1.0.0 lint"],
    },
  ],
});
