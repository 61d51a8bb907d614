import { defineFilter, type Filter } from "../filter.ts";

/** Processes; threads of the kernel go, and of very many both ends. */
export const ps: Filter = defineFilter({
  id: "ps",
  summary: "Processes; threads of the kernel go, and of very many both ends.",
  commands: ["ps", "top", "htop", "pgrep"],
  signs: ["^USER +PID +%CPU", "^ +PID +TTY", "^UID +PID +PPID"],
  keep: ["^(?:USER|UID| +PID)\\b", " Z[sl+N<]{0,3} ", "<defunct>"],
  drop: [
    {
      what: "threads of the kernel",
      lines: [
        "\\[(?:kworker|ksoftirqd|kthreadd|migration|rcu_|cpuhp|idle_inject|khugepaged|kswapd|watchdog|kdevtmpfs|irq/|scsi_|netns|kauditd|oom_reaper|writeback|kblockd|jbd2|ext4)",
      ],
    },
  ],
  cap: { lines: 130, head: 70, tail: 50 },
  lineCharsMax: 2048,
  samples: [
    {
      claim: "programs stay",
      command: "ps aux",
      output: `USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND
root           2  0.0  0.0      0     0 ?        S    02:00   0:00 [kthreadd]
root          12  0.0  0.0      0     0 ?        I<   02:00   0:00 [kworker/0:0H-events]
dev           99  3.0  0.5   2928  1664 ?        S    02:41   0:00 node server.js`,
      survives: ["dev           99  3.0  0.5   2928  1664 ?        S    02:41   0:00 node server.js"],
      drops: ["root          12  0.0  0.0      0     0 ?        I<   02:00   0:00 [kworker/0:0H-events]"],
    },
  ],
});
