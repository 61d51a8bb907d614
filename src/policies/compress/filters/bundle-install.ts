import { defineFilter, type Filter } from "../filter.ts";

/** The verdict, new gems and errors; gems that were there already go. */
export const bundleInstall: Filter = defineFilter({
  id: "bundle-install",
  summary: "The verdict, new gems and errors; gems that were there already go.",
  commands: ["bundle install", "bundle update", "bundle"],
  signs: ["^Bundle complete!", "^Using \\S+ \\d", "^Fetching gem metadata from "],
  keep: ["^Bundle (?:complete|updated)", "^Gem::", "^Post-install message", "^\\d+ gems? "],
  keepSpans: [{ from: ["^Gem::\\S+Error", "^An error occurred", "^Could not find"], linesMax: 40 }],
  drop: [
    { what: "gems in use", lines: ["^Using \\S"] },
    { what: "downloads", lines: ["^Fetching \\S", "^Resolving dependencies", "^Installing \\S+ [\\d.]+$"] },
  ],
  samples: [
    {
      claim: "the verdict stays (from its documentation)",
      command: "bundle install",
      output: `Fetching gem metadata from https://index.example/.........
Resolving dependencies...
Using rake 13.1.0
Installing nokogiri 1.16.0 with native extensions
Bundle complete! 5 Gemfile dependencies, 40 gems now installed.`,
      survives: ["Installing nokogiri 1.16.0 with native extensions", "Bundle complete! 5 Gemfile dependencies, 40 gems now installed."],
      drops: ["Using rake 13.1.0"],
    },
  ],
});
