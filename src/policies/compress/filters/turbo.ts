import { defineFilter, type Filter } from "../filter.ts";

/** What tasks print, failures and the totals; cache notices and script headers go. */
export const turbo: Filter = defineFilter({
  id: "turbo",
  summary: "What tasks print, failures and the totals; cache notices and script headers go.",
  commands: ["turbo"],
  scripts: ["npm run", "pnpm", "yarn"],
  runsOthers: true,
  signs: [
    "^ *(?:•|•) Packages in scope: ",
    "^ *Tasks: +\\d+ successful",
    "^ *Cached: +\\d+ cached",
    ": cache (?:miss, executing|hit, replaying|hit, suppressing)",
  ],
  keep: ["^ *(?:Tasks|Cached|Time|Failed): "],
  drop: [
    {
      what: "cache",
      lines: [
        ": cache (?:miss, executing|hit, replaying|hit, suppressing|bypass)",
        "^ *• (?:Remote caching|Packages in scope|Running)",
        "^turbo \\d",
      ],
    },
    { what: "script headers", lines: ["^[^ ]+:$", "^[^ ]+: $", "^[^ ]+: > "] },
  ],
  samples: [
    {
      claim: "what a task prints stays",
      command: "npx turbo run test",
      output: `   • Remote caching disabled
@shop/mail:test: cache miss, executing 72dc5707421e1e4b
@shop/mail:test: > @shop/mail@1.0.0 test
@shop/mail:test: 3 passed
@shop/mail#test:  ERROR  command exited (1)

 Tasks:    0 successful, 5 total`,
      survives: ["@shop/mail:test: 3 passed", "@shop/mail#test:  ERROR  command exited (1)", " Tasks:    0 successful, 5 total"],
      drops: ["@shop/mail:test: cache miss, executing 72dc5707421e1e4b", "@shop/mail:test: > @shop/mail@1.0.0 test"],
    },
  ],
});
