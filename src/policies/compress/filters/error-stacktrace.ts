import { defineFilter, type Filter } from "../filter.ts";

/** Stack traces with message and own frames; frames of runtimes and of installed packages go. */
export const errorStacktrace: Filter = defineFilter({
  id: "error-stacktrace",
  summary: "Stack traces with message and own frames; frames of runtimes and of installed packages go.",
  signs: [
    "^Traceback \\(most recent call last\\)",
    '^ +File ".{1,120}", line \\d',
    "^ +at .{1,120}:\\d",
    "^\\S*(?:Error|Exception): ",
    "^goroutine \\d+ \\[",
    "^Exception in thread ",
    "^thread '.{1,80}' panicked at",
  ],
  keep: ["^(?:Traceback|Caused by|panic: |goroutine |thread ')", "^ +at (?:[^(]{0,80}\\()?(?:/|file:)"],
  keepSpans: [{ from: ["^Traceback \\(most recent"], to: ["^\\S*(?:Error|Exception)"], linesMax: 80 }],
  drop: [
    {
      what: "frames of the runtime",
      lines: [
        "^ +at .*(?:node:internal|\\(internal/|node:async_hooks)",
        "^\\tat (?:java|javax|jdk|sun|org\\.junit|org\\.springframework|kotlin)\\.",
        "^\\t/usr/local/go/src/",
      ],
    },
  ],
  cap: { lines: 200, head: 60, tail: 110 },
  samples: [
    {
      claim: "own frames stay",
      output: `Traceback (most recent call last):
  File "/tmp/project/boom.py", line 12, in <module>
    load("{bad")
json.decoder.JSONDecodeError: Expecting property name
TypeError: x is not a function
    at run (/tmp/project/a.js:3:9)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)`,
      survives: ['    load("{bad")', '  File "/tmp/project/boom.py", line 12, in <module>', "    at run (/tmp/project/a.js:3:9)"],
      drops: ["    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)"],
    },
  ],
});
