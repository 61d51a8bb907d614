import { defineFilter, type Filter } from "../filter.ts";

/** Branches, and what a switch says; of long lists the current branch and both ends. */
export const gitBranch: Filter = defineFilter({
  id: "git-branch",
  summary: "Branches, and what a switch says; of long lists the current branch and both ends.",
  commands: ["git branch", "git checkout", "git switch"],
  signs: ["^\\* \\S+$", "^ {2}remotes/\\S+$", "^Switched to (?:a new )?branch", "^Already on "],
  keep: ["^\\* ", "^(?:Switched|Already on|Your branch|Previous HEAD|HEAD is now|branch ')", "^[MADU]\\t"],
  cap: { lines: 60, head: 25, tail: 15 },
  samples: [
    {
      claim: "what the switch says about the upstream stays",
      command: "git checkout main",
      output: `Switched to branch 'main'
Your branch is behind 'origin/main' by 3 commits, and can be fast-forwarded.
  (use "git pull" to update your local branch)`,
      survives: ["Your branch is behind 'origin/main' by 3 commits, and can be fast-forwarded."],
    },
  ],
});
