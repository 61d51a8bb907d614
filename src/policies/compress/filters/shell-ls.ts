import { defineFilter, type Filter } from "../filter.ts";

/** Files; of very long lists both ends. */
export const shellLs: Filter = defineFilter({
  id: "shell-ls",
  summary: "Files; of very long lists both ends.",
  commands: ["ls", "ll", "dir", "exa", "eza"],
  signs: ["^total \\d+$", "^[-dlbcps][-rwxsStT]{9}[.+@]? +\\d+ "],
  keep: ["^total \\d", "^ls: "],
  drop: [{ what: "this folder and its parent", lines: ["^d[-rwxsStT]{9}.* \\.\\.?$"] }],
  cap: { lines: 130, head: 80, tail: 35 },
  samples: [
    {
      claim: "files stay",
      command: "ls -la",
      output: `total 56
drwxr-xr-x 2 dev dev 4096 Nov 25 02:36 .
drwxr-xr-x 3 dev dev 4096 Nov 25 02:36 ..
-rw-r--r-- 1 dev dev   56 Nov 25 02:36 page0.js`,
      survives: ["-rw-r--r-- 1 dev dev   56 Nov 25 02:36 page0.js"],
      drops: ["drwxr-xr-x 3 dev dev 4096 Nov 25 02:36 .."],
    },
  ],
});
