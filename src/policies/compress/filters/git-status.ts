import { defineFilter, type Filter } from "../filter.ts";

/** What is changed, staged and untracked; without the hints on what to type next. */
export const gitStatus: Filter = defineFilter({
  id: "git-status",
  summary: "What is changed, staged and untracked; without the hints on what to type next.",
  commands: ["git status"],
  signs: ["^On branch \\S", "^Changes (?:not staged for commit|to be committed):", "^Untracked files:", "^nothing to commit"],
  keep: [
    "^(?:On branch|HEAD detached|Your branch|nothing to commit|no changes added)",
    "^\\t(?:modified|new file|deleted|renamed|copied|both \\w+):",
    "^[MADRCU?!T ]{2} \\S",
  ],
  drop: [{ what: "hints", lines: ['^ {2}\\(use "git ', '^ {2}\\(fix conflicts and run "git '] }],
  cap: { lines: 220, head: 150, tail: 50 },
  samples: [
    {
      claim: "hints go, names of untracked files stay",
      command: "git status",
      output: `On branch main
Your branch is ahead of 'origin/main' by 2 commits.
  (use "git push" to publish your local commits)

Changes not staged for commit:
  (use "git add <file>..." to update what will be committed)
  (use "git restore <file>..." to discard changes in working directory)
	modified:   src/cart.ts

Untracked files:
  (use "git add <file>..." to include in what will be committed)
	notes.md`,
      survives: ["On branch main", "Your branch is ahead of 'origin/main' by 2 commits.", "	modified:   src/cart.ts", "	notes.md"],
      drops: ['  (use "git add <file>..." to update what will be committed)'],
    },
  ],
});
