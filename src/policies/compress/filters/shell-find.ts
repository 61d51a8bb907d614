import { defineFilter, type Filter } from "../filter.ts";

/** Paths; of very many both ends, and of installed packages none. */
export const shellFind: Filter = defineFilter({
  id: "shell-find",
  summary: "Paths; of very many both ends, and of installed packages none.",
  commands: ["find", "fd", "fdfind", "git ls-files", "tree", "locate"],
  signs: ["^\\./\\S+$", "^/[^/ ]+/[^ ]+$"],
  keep: ["^find: ", "^\\d+ director"],
  drop: [
    {
      what: "in installed packages and caches",
      lines: [
        "^(?:node_modules|\\.git|__pycache__)/",
        "^.{0,120}/(?:node_modules|\\.git|__pycache__|\\.venv|\\.mypy_cache|\\.pytest_cache)/",
      ],
      unlessMost: true,
    },
  ],
  cap: { lines: 200, head: 130, tail: 50 },
  samples: [
    {
      claim: "own files stay",
      command: "find . -name '*.js'",
      output: `./src/a.js
./node_modules/x/index.js
./.git/hooks/a.js`,
      survives: ["./src/a.js"],
      drops: ["./node_modules/x/index.js", "./.git/hooks/a.js"],
    },
  ],
});
