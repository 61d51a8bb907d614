import { defineFilter, type Filter } from "../filter.ts";

/** Vulnerabilities, their severities and fixes; repeated advice goes. */
export const npmAudit: Filter = defineFilter({
  id: "npm-audit",
  summary: "Vulnerabilities, their severities and fixes; repeated advice goes.",
  commands: ["npm audit", "pnpm audit", "yarn audit"],
  signs: [
    "^\\d+ (?:\\w+ )?severity vulnerabilit",
    "^found \\d+ vulnerabilities",
    "^Severity: (?:low|moderate|high|critical)",
    "^# npm audit report",
  ],
  keep: ["^Severity: ", "\\bvulnerabilit", "^fix available", "^No fix available", "https://github\\.com/advisories/"],
  drop: [{ what: "report title", lines: ["^# npm audit report"] }],
  once: ["^ +Depends on vulnerable versions of ", "^ +node_modules/\\S"],
  samples: [
    {
      claim: "severities stay (from its documentation)",
      command: "npm audit",
      output: `# npm audit report

tar  <6.2.1
Severity: moderate
Denial of service while parsing a tar file - https://github.com/advisories/GHSA-f5x3-32g6-xq36
fix available via \`npm audit fix\`
node_modules/tar

1 moderate severity vulnerability`,
      survives: ["tar  <6.2.1", "Severity: moderate", "node_modules/tar", "1 moderate severity vulnerability"],
      drops: ["# npm audit report"],
    },
  ],
});
