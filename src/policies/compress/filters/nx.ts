import { defineFilter, type Filter } from "../filter.ts";

/** Failed tasks with their output, and the verdict; successful tasks go. */
export const nx: Filter = defineFilter({
  id: "nx",
  summary: "Failed tasks with their output, and the verdict; successful tasks go.",
  commands: ["nx"],
  scripts: ["npm run", "pnpm", "yarn"],
  runsOthers: true,
  signs: ["^ *NX {1,4}\\S", "^✔ +nx run ", "^ *(?:Failed|Successfully ran) t"],
  keep: ["^ *NX ", "^Failed tasks", "^- \\S+:\\S", "^ *✖ "],
  drop: [
    { what: "successful tasks", lines: ["^ *✔ +(?:nx run|\\d)", "^> nx run .*\\[(?:local cache|remote cache|existing)"] },
    { what: "projects", lines: ["^- [^: ]+$"] },
    {
      what: "statistics",
      lines: [
        "^ +(?:Run duration|Cache|Critical path|Recoverable time): ",
        "^View structured, searchable",
        "^Nx read the output from the cache",
      ],
    },
  ],
  samples: [
    {
      claim: "the failed task stays",
      command: "npx nx run-many -t test",
      output: ` NX   Running target test for 3 projects:

- @shop/store
- @shop/cart

✔  nx run @shop/cart:test
> nx run @shop/mail:test
Error: smtp is not set

 NX   Running target test for 3 projects failed

Failed tasks:

- @shop/mail:test`,
      survives: ["- @shop/mail:test", "Error: smtp is not set", "> nx run @shop/mail:test"],
      drops: ["✔  nx run @shop/cart:test", "- @shop/store"],
    },
  ],
});
