import { defineFilter, type Filter } from "../filter.ts";

/** Errors and totals; of many transferred files both ends. */
export const rsync: Filter = defineFilter({
  id: "rsync",
  summary: "Errors and totals; of many transferred files both ends.",
  commands: ["rsync"],
  signs: [
    "^sending incremental file list",
    "^receiving incremental file list",
    "^sent [\\d,]+ bytes {1,4}received",
    "^total size is [\\d,]+",
  ],
  keep: ["^rsync", "^sent [\\d,]", "^total size is ", "^deleting "],
  drop: [
    { what: "title", lines: ["^(?:sending|receiving) incremental file list", "^building file list"] },
    { what: "progress", lines: ["^ +[\\d,]+ +\\d+% "] },
  ],
  thin: { what: "files", lines: ["^\\S.{0,400}$"], aboveLines: 40, beside: 12 },
  samples: [
    {
      claim: "totals stay",
      command: "rsync -av a b",
      output: `sending incremental file list
lib/api.js
     32,768 100%   31.25MB/s    0:00:00

sent 2,982,966 bytes  received 7,710 bytes  5,981,352.00 bytes/sec
total size is 2,952,420  speedup is 0.99`,
      survives: [
        "lib/api.js",
        "sent 2,982,966 bytes  received 7,710 bytes  5,981,352.00 bytes/sec",
        "total size is 2,952,420  speedup is 0.99",
      ],
      drops: ["     32,768 100%   31.25MB/s    0:00:00"],
    },
  ],
});
