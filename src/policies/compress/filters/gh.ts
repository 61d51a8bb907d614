import { defineFilter, type Filter } from "../filter.ts";

/** Rows, addresses, marks and errors; of long logs of runs the steps that failed, and both ends. */
export const gh: Filter = defineFilter({
  id: "gh",
  summary: "Rows, addresses, marks and errors; of long logs of runs the steps that failed, and both ends.",
  commands: ["gh"],
  signs: ["^Showing \\d+ of \\d+ ", "^https://github\\.com/\\S+/(?:pull|issues|actions)/", "^[✓X*-] \\S.{0,120} (?:in \\d|Triggered via)"],
  keep: ["^https?://", "^[✓X!*] ", "^#\\d+ ", "^(?:title|state|number|url|author|labels|Title|State):", "##\\[(?:error|warning)\\]"],
  drop: [
    { what: "counts", lines: ["^Showing \\d+ of \\d+ "] },
    { what: "groups of the log", lines: ["##\\[(?:group|endgroup|debug)\\]"] },
  ],
  cap: { lines: 220, head: 80, tail: 110 },
  samples: [
    {
      claim: "rows and addresses stay (from its documentation)",
      command: "gh pr list",
      output: `Showing 2 of 2 open pull requests in shop/web

#12  Add the cart       cart-branch    about 1 day ago
https://github.com/shop/web/pull/12
HTTP 403: API rate limit exceeded`,
      survives: [
        "#12  Add the cart       cart-branch    about 1 day ago",
        "https://github.com/shop/web/pull/12",
        "HTTP 403: API rate limit exceeded",
      ],
      drops: ["Showing 2 of 2 open pull requests in shop/web"],
    },
  ],
});
