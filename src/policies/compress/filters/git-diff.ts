import { defineFilter, type Filter } from "../filter.ts";

/** Changes; of generated files only their names, and of long diffs less of what did not change. */
export const gitDiff: Filter = defineFilter({
  id: "git-diff",
  summary: "Changes; of generated files only their names, and of long diffs less of what did not change.",
  commands: ["git diff", "git show", "git log -p", "git log --patch", "git stash show"],
  signs: ["^diff --git a/", "^@@ -\\d", "^index [0-9a-f]{7,40}\\.\\."],
  keep: [
    "^diff --git ",
    "^(?:---|\\+\\+\\+) ",
    "^@@ ",
    "^(?:rename|copy|similarity|dissimilarity|new file|deleted file|old mode|new mode|Binary files)",
    "^commit ",
    "^ \\d+ files? changed",
    "^[-+][<=>]{7}",
  ],
  dropSpans: [
    {
      what: "lines of a generated file",
      from: [
        "^diff --git .*(?:package-lock\\.json|npm-shrinkwrap\\.json|yarn\\.lock|pnpm-lock\\.yaml|bun\\.lock|Cargo\\.lock|poetry\\.lock|uv\\.lock|composer\\.lock|Gemfile\\.lock|go\\.sum|\\.min\\.js|\\.min\\.css|\\.map|\\.snap)$",
      ],
      to: ["^diff --git ", "^commit [0-9a-f]{40}"],
      linesMax: 1000000,
    },
  ],
  thin: { what: "unchanged", lines: ["^ "], aboveLines: 150, beside: 1 },
  cap: { lines: 900, head: 420, tail: 420 },
  lineCharsMax: 2048,
  samples: [
    {
      claim: "names of renamed files and removed lines stay, the lock file goes",
      command: "git diff",
      output: `diff --git a/package-lock.json b/package-lock.json
index 1111111..2222222 100644
--- a/package-lock.json
+++ b/package-lock.json
@@ -1,2 +1,2 @@
 {
-  "version": "1.0.0",
+  "version": "1.0.1",
diff --git a/old.sql b/new.sql
similarity index 95%
rename from old.sql
rename to new.sql
@@ -1,2 +1,1 @@
--- a/comment of SQL
 select 1;`,
      survives: ["diff --git a/package-lock.json b/package-lock.json", "rename from old.sql", "--- a/comment of SQL"],
      drops: ['+  "version": "1.0.1",'],
    },
  ],
});
