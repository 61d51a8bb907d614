import { defineFilter, type Filter } from "../filter.ts";

/** File systems, network and overlay included; those in memory go. */
export const df: Filter = defineFilter({
  id: "df",
  summary: "File systems, network and overlay included; those in memory go.",
  commands: ["df"],
  signs: ["^Filesystem .{0,80}Use%", "^\\S+ +\\S+ +\\S+ +\\S+ +\\d+% /"],
  keep: ["^Filesystem ", " (?:9\\d|100)% "],
  drop: [
    { what: "file systems in memory", lines: ["^(?:tmpfs|devtmpfs|udev|shm|none|cgroup|efivarfs) +"] },
    { what: "mounts of packages", lines: ["^/dev/loop\\d+ .{0,80}/snap/"] },
  ],
  cap: { lines: 80, head: 50, tail: 25 },
  samples: [
    {
      claim: "network and overlay stay",
      command: "df -h",
      output: `Filesystem      Size  Used Avail Use% Mounted on
overlay          59G   30G   27G  53% /
nas:/export     2.0T  1.2T  800G  61% /mnt/nas
tmpfs            64M     0   64M   0% /dev/shm`,
      survives: ["overlay          59G   30G   27G  53% /", "nas:/export     2.0T  1.2T  800G  61% /mnt/nas"],
      drops: ["tmpfs            64M     0   64M   0% /dev/shm"],
    },
  ],
});
