import { defineFilter, type Filter } from "../filter.ts";

/** Offences with their source lines, and the count; dots go. */
export const rubocop: Filter = defineFilter({
  id: "rubocop",
  summary: "Offences with their source lines, and the count; dots go.",
  commands: ["rubocop"],
  scripts: ["rake", "make"],
  signs: ["^Inspecting \\d+ files?", "\\.rb:\\d{1,6}:\\d{1,6}: [CWEFR]: ", "^\\d+ files? inspected"],
  keep: [":\\d{1,6}:\\d{1,6}: [CWEFR]: ", "^\\d+ files? inspected"],
  keepSpans: [{ from: [":\\d{1,6}:\\d{1,6}: [WEF]: "], to: [":\\d{1,6}:\\d{1,6}: "], linesMax: 4 }],
  drop: [
    { what: "progress", lines: ["^Inspecting \\d", "^[.CWEFR]{1,500}$", "^The following cops were added", "^For more information: https"] },
  ],
  thin: { what: "code", lines: ["^ *\\S.{0,300}$"], aboveLines: 80, beside: 0 },
  samples: [
    {
      claim: "offences stay",
      command: "bundle exec rubocop",
      output: `Inspecting 3 files
.W.

a.rb:3:5: W: Lint/UselessAssignment: Useless assignment to variable - x.
    x = 1
    ^

3 files inspected, 1 offense detected`,
      survives: [
        "a.rb:3:5: W: Lint/UselessAssignment: Useless assignment to variable - x.",
        "    x = 1",
        "3 files inspected, 1 offense detected",
      ],
      drops: [".W."],
    },
  ],
});
