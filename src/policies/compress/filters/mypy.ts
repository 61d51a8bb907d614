import { defineFilter, type Filter } from "../filter.ts";

/** Errors and their notes; links to the manual go. */
export const mypy: Filter = defineFilter({
  id: "mypy",
  summary: "Errors and their notes; links to the manual go.",
  commands: ["mypy", "dmypy"],
  scripts: ["make", "tox", "nox"],
  signs: ["\\.pyi?:\\d{1,6}: error: ", "^Found \\d+ errors? in \\d+ files?", "^Success: no issues found"],
  keep: ["^Found \\d", "^Success"],
  drop: [
    { what: "links", lines: ["^[^ ]+ note: See https?://", "^[^ ]+ note: \\(Skipping most remaining"] },
    { what: "untyped imports", lines: ['^[^ ]+ note: Hint: "python3? -m pip install'] },
  ],
  samples: [
    {
      claim: "notes that belong to an error stay",
      command: "mypy shop",
      output: `shop/a.py:1: error: Cannot find implementation or library stub for module named "x"  [import-not-found]
shop/a.py:1: note: See https://mypy.readthedocs.io/en/stable/running_mypy.html#missing-imports
shop/b.py:3: note: Revealed type is "builtins.int"
Found 1 error in 1 file (checked 2 source files)`,
      survives: ['shop/b.py:3: note: Revealed type is "builtins.int"', "Found 1 error in 1 file (checked 2 source files)"],
      drops: ["shop/a.py:1: note: See https://mypy.readthedocs.io/en/stable/running_mypy.html#missing-imports"],
    },
  ],
});
