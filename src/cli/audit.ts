import { existsSync } from "node:fs";
import { pastMoment } from "../config/moment.ts";
import { adminFile, SqliteAdminStore } from "../ledger/admin-store.ts";
import { systemWorld } from "../world/system.ts";
import type { Command, CommandInput } from "./command.ts";
import { LEDGER_FLAGS, ledgerFolder } from "./ledger-folder.ts";
import { UsageError } from "./parse.ts";
import { drawTable } from "./table.ts";

/** `omni audit`. */
export const command: Command = {
  name: "audit",
  summary: "Say what administrators did, and whether anybody has tampered with the list of it.",
  flags: {
    since: { type: "string", value: "WHEN", summary: "From when on: 2025-01-31, or 24h for the last day. Default: the beginning." },
    last: { type: "string", value: "COUNT", summary: "How many, the last ones. Default 100." },
    json: { type: "boolean", summary: "Print JSON." },
    ...LEDGER_FLAGS,
  },
  examples: ["omni audit", "omni audit --since 24h --json"],
  run: audit,
};

async function audit(input: CommandInput): Promise<number> {
  const { since, last = "100" } = input.flags;
  const { clock } = systemWorld();
  const epochMs = clock.epochMs();
  const sinceEpochMs = typeof since === "string" ? pastMoment(since, epochMs) : 0;
  if (sinceEpochMs === undefined) throw new UsageError(`"${since}" is neither a day nor a duration`, "Write 2025-01-31 or 24h");
  if (!/^[1-9]\d{0,6}$/.test(String(last))) throw new UsageError(`"${last}" is no number of entries`, "Try: omni audit --last 20");
  const folder = await ledgerFolder(input);
  if (!existsSync(adminFile(folder))) {
    console.error(`Nothing was done yet: there is no ${adminFile(folder)}.`);
    return 0;
  }
  const store = new SqliteAdminStore(folder, epochMs, { readOnly: true, busyMsMax: 2_000 });
  try {
    const entries = store.auditLog(Number(last), sinceEpochMs);
    const fault = store.auditFault();
    if (input.flags["json"] === true) console.log(JSON.stringify({ format: 1, entries, intact: fault === undefined }, null, 2));
    else {
      const columns = ["when", "who", "from", "what", "to what", "more"].map((title) => ({ title }));
      const cells = entries.map(({ atEpochMs, actor, address, action, subject, detail }) => [
        new Date(atEpochMs).toISOString(),
        actor,
        address,
        action,
        subject,
        detail === "{}" ? "" : detail,
      ]);
      console.log(drawTable(columns, cells));
    }
    if (fault !== undefined) console.error(`omni: entry ${fault} is not as it was written, or one before it is missing.`);
    return fault === undefined ? 0 : 1;
  } finally {
    store.close();
  }
}
