import { defineFilter, type Filter } from "../filter.ts";

/** What was done, and errors; progress of transfers goes. */
export const aws: Filter = defineFilter({
  id: "aws",
  summary: "What was done, and errors; progress of transfers goes.",
  commands: ["aws"],
  signs: ["^An error occurred \\(\\w+\\) when calling the ", "^(?:upload|download|copy|delete): .{1,100}", "^Completed [\\d.]+ \\w+/"],
  keep: ["^An error occurred", "^(?:usage|Unable|Could not)", "^(?:delete|move): "],
  drop: [{ what: "progress", lines: ["^Completed [~\\d]"] }],
  thin: { what: "transfers", lines: ["^(?:upload|download|copy): "], aboveLines: 40, beside: 8 },
  lineCharsMax: 4096,
  samples: [
    {
      claim: "errors and transfers stay (from its documentation)",
      command: "aws s3 cp . s3://bucket --recursive",
      output: `Completed 256.0 KiB/1.2 MiB (1.1 MiB/s) with 2 file(s) remaining
upload: ./a.txt to s3://bucket/a.txt
An error occurred (AccessDenied) when calling the PutObject operation: Access Denied`,
      survives: [
        "upload: ./a.txt to s3://bucket/a.txt",
        "An error occurred (AccessDenied) when calling the PutObject operation: Access Denied",
      ],
      drops: ["Completed 256.0 KiB/1.2 MiB (1.1 MiB/s) with 2 file(s) remaining"],
    },
  ],
});
