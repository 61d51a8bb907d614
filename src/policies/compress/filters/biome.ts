import { defineFilter, type Filter } from "../filter.ts";

/** Diagnostics with message and frame; suggested changes go. */
export const biome: Filter = defineFilter({
  id: "biome",
  summary: "Diagnostics with message and frame; suggested changes go.",
  commands: ["biome"],
  scripts: ["npm run", "pnpm", "yarn", "bun run", "make"],
  signs: [":\\d{1,6}:\\d{1,6} (?:lint|parse|assist|suppressions)/\\S", "^Checked \\d+ files? in ", "━{20}"],
  keep: [":\\d{1,6}:\\d{1,6} [a-z]", "^(?:Checked|Fixed|Found|The number of)", "^ {2}[!×i] ", "^ {2}> \\d"],
  dropSpans: [
    {
      what: "suggested change",
      from: ["^ {2}i (?:Unsafe|Safe) fix"],
      to: ["^\\S.{0,200}━", "^(?:Checked|Found|Skipped|The number)", "^ {2}[!×] "],
      linesMax: 80,
    },
  ],
  samples: [
    {
      claim: "the frame stays",
      command: "npx biome check",
      output: `src/a.ts:6:10 lint/style/useTemplate  FIXABLE  ━━━━━━━━━━━━━━━━━━━━━━━━

  i Template literals are preferred over string concatenation.

  > 6 │   return "Hello " + name;
      │          ^^^^^^^^^^^^^^^

  i Unsafe fix: Use a template literal.

    6   │ - ··return·"Hello·"·+·name;

Found 1 info.`,
      survives: ['  > 6 │   return "Hello " + name;', "  i Template literals are preferred over string concatenation.", "Found 1 info."],
      drops: ['    6   │ - ··return·"Hello·"·+·name;'],
    },
  ],
});
