import { defineFilter, type Filter } from "../filter.ts";

/** How a unit stands, and the end of its log; links to manuals and accounting go. */
export const systemctlStatus: Filter = defineFilter({
  id: "systemctl-status",
  summary: "How a unit stands, and the end of its log; links to manuals and accounting go.",
  commands: ["systemctl status", "service", "systemctl"],
  signs: ["^ +Loaded: (?:loaded|not-found|masked)", "^ +Active: (?:active|inactive|failed|activating)", "^ +Main PID: \\d"],
  keep: ["^[●○×↻] ", "^ +(?:Loaded|Active|Main PID|CGroup|Process|Status|TriggeredBy): "],
  drop: [{ what: "manuals and accounting", lines: ["^ +(?:Docs|Tasks|Memory|CPU|IO|IP): ", "^ +(?:man:|https?://)"] }],
  cap: { lines: 100, head: 30, tail: 50 },
  samples: [
    {
      claim: "state and log stay (from its documentation)",
      command: "systemctl status nginx",
      output: `● nginx.service - A high performance web server
     Loaded: loaded (/lib/systemd/system/nginx.service; enabled; preset: enabled)
     Active: active (running) since Thu 2026-01-01 12:00:00 UTC; 1h ago
       Docs: man:nginx(8)
   Main PID: 612 (nginx)
      Tasks: 3 (limit: 4646)
     Memory: 5.2M

Jan 01 12:00:00 devbox systemd[1]: Started nginx.service.`,
      survives: [
        "     Active: active (running) since Thu 2026-01-01 12:00:00 UTC; 1h ago",
        "   Main PID: 612 (nginx)",
        "Jan 01 12:00:00 devbox systemd[1]: Started nginx.service.",
      ],
      drops: ["       Docs: man:nginx(8)"],
    },
  ],
});
