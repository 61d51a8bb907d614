import { defineFilter, type Filter } from "../filter.ts";

/** Errors, warnings, stack traces and starts; of many routine lines those beside them, and both ends. */
export const dockerLogs: Filter = defineFilter({
  id: "docker-logs",
  summary: "Errors, warnings, stack traces and starts; of many routine lines those beside them, and both ends.",
  commands: ["docker logs", "docker compose logs", "docker-compose logs", "podman logs", "journalctl"],
  signs: ["^\\S+ +\\| ", "^Attaching to ", "\\b(?:INFO|DEBUG|TRACE)\\b"],
  keep: [
    "\\b(?:WARN|WARNING|warn|warning)\\b",
    "\\b(?:listening|started|ready|stopped|shutting down|restarting)\\b",
    "^ +at \\S",
    '^ +File "',
    "\\b(?:5\\d\\d|4\\d\\d) ",
  ],
  keepSpans: [{ from: ["Traceback \\(most recent", "\\bpanic: "], linesMax: 40 }],
  drop: [
    { what: "attaching", lines: ["^Attaching to "] },
    { what: "debug lines", lines: ["\\b(?:DEBUG|TRACE)\\b", '"level":"(?:debug|trace)"', "\\blevel=(?:debug|trace)\\b"] },
    { what: "health checks", lines: ['"?GET /(?:health|healthz|ready|readyz|ping|livez|metrics)[ /?"]'] },
  ],
  thin: { what: "routine lines", lines: ["\\b(?:INFO|info|GET|POST|PUT|PATCH|DELETE)\\b"], aboveLines: 60, beside: 6 },
  cap: { lines: 300, head: 60, tail: 180 },
  samples: [
    {
      claim: "frames of a stack stay (from its documentation)",
      command: "docker logs web",
      output: `2026-01-01T12:00:00Z INFO listening on :8080
2026-01-01T12:00:01Z DEBUG pool has 4 connections
2026-01-01T12:00:02Z INFO "GET /health HTTP/1.1" 200
2026-01-01T12:00:03Z ERROR cannot reach the database
    at connect (/app/db.js:12:9)`,
      survives: [
        "2026-01-01T12:00:00Z INFO listening on :8080",
        "2026-01-01T12:00:03Z ERROR cannot reach the database",
        "    at connect (/app/db.js:12:9)",
      ],
      drops: ["2026-01-01T12:00:01Z DEBUG pool has 4 connections", '2026-01-01T12:00:02Z INFO "GET /health HTTP/1.1" 200'],
    },
  ],
});
