import { defineFilter, type Filter } from "../filter.ts";

/** Failing tests with their messages, build failures and panics, and a line per package; passing tests go. */
export const testGo: Filter = defineFilter({
  id: "test-go",
  summary: "Failing tests with their messages, build failures and panics, and a line per package; passing tests go.",
  commands: ["go test", "go build", "go vet"],
  scripts: ["make", "just", "gotestsum"],
  signs: ["^ *--- (?:PASS|FAIL): ", "^=== RUN ", "^ok {1,4}\\t?\\S+\\t", "^FAIL\\t"],
  keep: ["^(?:ok|FAIL)\\b", "_test\\.go:\\d", "^# ", "\\.go:\\d{1,6}:\\d"],
  keepSpans: [
    { from: ["^ *--- FAIL"], to: ["^ *--- ", "^=== ", "^(?:FAIL|ok|PASS)\\b"], linesMax: 60 },
    { from: ["^panic: ", "^# ", "^WARNING: DATA RACE"], to: ["^(?:FAIL|ok)\\b"], linesMax: 120 },
  ],
  drop: [
    { what: "passing tests", lines: ["^ *=== (?:RUN|PAUSE|CONT|NAME) ", "^ *--- PASS: ", "^PASS$"] },
    { what: "packages without tests", lines: ["^\\? .*\\[no test files\\]$"] },
  ],
  samples: [
    {
      claim: "a build failure stays",
      command: "go test ./...",
      output: `=== RUN   TestTotal
--- PASS: TestTotal (0.00s)
PASS
ok  	example.com/shop/cart	0.006s
# example.com/shop/broken
./a.go:5:2: undefined: foo
FAIL	example.com/shop/broken [build failed]`,
      survives: ["./a.go:5:2: undefined: foo", "# example.com/shop/broken", "ok  	example.com/shop/cart	0.006s"],
      drops: ["=== RUN   TestTotal", "--- PASS: TestTotal (0.00s)"],
    },
  ],
});
