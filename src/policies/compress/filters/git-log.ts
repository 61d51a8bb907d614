import { defineFilter, type Filter } from "../filter.ts";

/** Commits with their subjects and bodies; authors of many commits in a row go. */
export const gitLog: Filter = defineFilter({
  id: "git-log",
  summary: "Commits with their subjects and bodies; authors of many commits in a row go.",
  commands: ["git log", "git reflog", "git shortlog"],
  signs: ["^commit [0-9a-f]{40}", "^Author: .*<", "^Date: {1,8}\\S"],
  keep: ["^commit [0-9a-f]{7}", "^Merge: ", "^ {4}\\S", "^[0-9a-f]{7,40} ", "^[*|/\\\\ ]+[0-9a-f]{7}"],
  drop: [{ what: "author, date", lines: ["^Author: ", "^Date: ", "^AuthorDate: ", "^Commit: ", "^CommitDate: "] }],
  cap: { lines: 300, head: 200, tail: 60 },
  samples: [
    {
      claim: "hashes and messages stay",
      command: "git log",
      output: `commit 0123456789012345678901234567890123456789
Author: A Developer With A Name <developer@example.com>
Date:   Thu Jan 1 12:00:00 2026 +0000

    Add the cart`,
      survives: ["commit 0123456789012345678901234567890123456789", "    Add the cart"],
      drops: ["Date:   Thu Jan 1 12:00:00 2026 +0000"],
    },
  ],
});
