import { defineFilter, type Filter } from "../filter.ts";

/** What was done, addresses and errors; waiting goes. */
export const gcloud: Filter = defineFilter({
  id: "gcloud",
  summary: "What was done, addresses and errors; waiting goes.",
  commands: ["gcloud", "gsutil"],
  signs: ["^ERROR: \\(gcloud\\.", "^Updated property \\[", "^Created \\[https://", "^Waiting for operation "],
  keep: ["^(?:Updated|Created|Deleted|Service|Done|WARNING|Service URL)"],
  drop: [
    {
      what: "waiting",
      lines: [
        "^Waiting for (?:operation|\\S+ to)",
        "^(?:\\.{3,}|[⠏⠛⠹⠼⠶⠧])",
        "^(?:Creating|Deploying|Setting IAM|Routing traffic|Building|Uploading)[^.]{0,120}\\.{3,}$",
        "^- \\[\\d+/\\d+ files\\]",
      ],
    },
  ],
  samples: [
    {
      claim: "results stay (from its documentation)",
      command: "gcloud run deploy",
      output: `Waiting for operation [operation-1] to complete...
Created [https://compute.googleapis.com/v1/projects/p/zones/z/instances/a].
ERROR: (gcloud.run.deploy) PERMISSION_DENIED: not allowed`,
      survives: [
        "Created [https://compute.googleapis.com/v1/projects/p/zones/z/instances/a].",
        "ERROR: (gcloud.run.deploy) PERMISSION_DENIED: not allowed",
      ],
      drops: ["Waiting for operation [operation-1] to complete..."],
    },
  ],
});
