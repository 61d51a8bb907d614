import { defineFilter, type Filter } from "../filter.ts";

/** Issues with their source lines; what the linter says about itself goes. */
export const golangciLint: Filter = defineFilter({
  id: "golangci-lint",
  summary: "Issues with their source lines; what the linter says about itself goes.",
  commands: ["golangci-lint"],
  scripts: ["make", "just"],
  signs: ["\\.go:\\d{1,6}:\\d{1,6}: \\S", "^level=(?:info|warning|error) msg=", "^\\d+ issues:?"],
  keep: ["\\.go:\\d{1,6}:\\d", "^\\d+ issues", "^\\* \\w"],
  keepSpans: [{ from: ["\\.go:\\d{1,6}:\\d"], to: ["\\.go:\\d{1,6}:\\d", "^level="], linesMax: 4 }],
  drop: [{ what: "log lines", lines: ["^level=(?:info|debug) "] }],
  samples: [
    {
      claim: "issues stay with their line (from its documentation)",
      command: "golangci-lint run",
      output: `level=info msg="[config_reader] Used config file .golangci.yml"
cart/cart.go:12:2: ineffectual assignment to total (ineffassign)
	total := 1
	^
1 issues:
* ineffassign: 1`,
      survives: ["cart/cart.go:12:2: ineffectual assignment to total (ineffassign)", "	total := 1", "* ineffassign: 1"],
      drops: ['level=info msg="[config_reader] Used config file .golangci.yml"'],
    },
  ],
});
