import { defineFilter, type Filter } from "../filter.ts";

/** Status, errors and where it was saved; progress goes. */
export const wget: Filter = defineFilter({
  id: "wget",
  summary: "Status, errors and where it was saved; progress goes.",
  commands: ["wget"],
  signs: ["^--\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d-- {1,4}http", "^HTTP request sent, awaiting response", "^Saving to: "],
  keep: ["^HTTP request sent", "saved \\[\\d", "ERROR \\d{3}", "^Location: ", "^Length: "],
  drop: [
    { what: "progress", lines: ["^ *\\d+K [. ,]+", "^\\S+ +\\d+%\\[", "^ +\\d+% ?\\["] },
    { what: "connection", lines: ["^Resolving \\S", "^Connecting to \\S", "^Reusing existing connection"] },
  ],
  samples: [
    {
      claim: "status and file stay",
      command: "wget http://localhost/big",
      output: `Resolving localhost (localhost)... 127.0.0.1
Connecting to localhost (localhost)|127.0.0.1|:80... connected.
HTTP request sent, awaiting response... 200 OK
Saving to: 'big.bin'

     0K .......... .......... .......... .......... ..........  1%  167M 0s

2026-01-01 12:00:00 (148 MB/s) - 'big.bin' saved [4000000/4000000]`,
      survives: ["HTTP request sent, awaiting response... 200 OK", "2026-01-01 12:00:00 (148 MB/s) - 'big.bin' saved [4000000/4000000]"],
      drops: ["     0K .......... .......... .......... .......... ..........  1%  167M 0s"],
    },
  ],
});
