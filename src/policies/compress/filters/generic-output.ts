import { defineFilter, type Filter } from "../filter.ts";

/** Output of any other command: progress bars and repeats go, and of very long output the middle. */
export const genericOutput: Filter = defineFilter({
  id: "generic-output",
  summary: "Output of any other command: progress bars and repeats go, and of very long output the middle.",
  keep: ["(?i)\\bwarn(?:ing)?s?\\b", "(?i)\\b(?:summary|total|result)s?:"],
  drop: [{ what: "progress", lines: ["^ *\\d{1,3}% ?[|[(]", "^ *\\[[=#>. -]{5,}\\] *\\d", "^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] "] }],
  cap: { lines: 400, head: 120, tail: 200 },
  lineCharsMax: 8192,
  samples: [
    {
      claim: "warnings stay",
      command: "./deploy.sh",
      output: `[=====>     ] 45 of 100
 45% |#####     |
Warning: the cache is old
done`,
      survives: ["Warning: the cache is old", "done"],
      drops: [" 45% |#####     |"],
    },
  ],
});
