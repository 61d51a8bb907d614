import { existsSync } from "node:fs";
import { pastMoment } from "../config/moment.ts";
import { ledgerFile } from "../ledger/drainer.ts";
import { LEDGER_MIGRATIONS } from "../ledger/migrations.ts";
import { openDatabase } from "../ledger/open.ts";
import { formatUsd } from "../ledger/price.ts";
import { USAGE_GROUPS, type UsageBy, type UsageRow, type UsageSpan, usageBy, usageTotal } from "../ledger/report.ts";
import { systemWorld } from "../world/system.ts";
import type { Command, CommandInput } from "./command.ts";
import { LEDGER_FLAGS, ledgerFolder } from "./ledger-folder.ts";
import { UsageError } from "./parse.ts";
import { drawTable } from "./table.ts";

/** `omni usage`. */
export const command: Command = {
  name: "usage",
  summary: "Say what was used and what it cost, by key, model, day, team, organisation or provider.",
  flags: {
    by: { type: "string", value: "WHAT", summary: `What to add up by: ${USAGE_GROUPS.join(", ")}. Default key.` },
    since: { type: "string", value: "WHEN", summary: "From when on: 2025-01-31, or 24h for the last day. Default: the beginning." },
    until: { type: "string", value: "WHEN", summary: "Up to when, not included. Default: now." },
    csv: { type: "boolean", summary: "Print CSV." },
    json: { type: "boolean", summary: "Print JSON." },
    ...LEDGER_FLAGS,
  },
  examples: ["omni usage", "omni usage --by model --since 24h", "omni usage --by day --csv > usage.csv"],
  run: usage,
};

async function usage(input: CommandInput): Promise<number> {
  const { flags } = input;
  const by = USAGE_GROUPS.find((name) => name === (flags["by"] ?? "key"));
  if (by === undefined) throw new UsageError(`usage can not be added up by "${flags["by"]}"`, `Try one of: ${USAGE_GROUPS.join(", ")}`);
  const { clock } = systemWorld();
  const span = spanOf(flags, clock.epochMs());
  const file = ledgerFile(await ledgerFolder(input));
  const rows = existsSync(file) ? rowsIn(file, by, span, clock.epochMs()) : [];
  const total = usageTotal(rows);
  if (flags["json"] === true) console.log(JSON.stringify({ format: 1, by, rows: rows.map(withUsd), total: withUsd(total) }, null, 2));
  else if (flags["csv"] === true) console.log(csvOf(by, rows));
  else {
    console.log(tableOf(by, rows, total));
    if (total.unpriced > 0) console.error(`Of ${total.unpriced} attempts nobody knows the price; they are not in the sums.`);
    if (total.uncertain > 0)
      console.error(`Of ${total.uncertain} attempts the cost is reckoned, or taken as the most that it can have been.`);
  }
  return 0;
}

function rowsIn(file: string, by: UsageBy, span: UsageSpan, epochMs: number): UsageRow[] {
  const { database } = openDatabase(file, LEDGER_MIGRATIONS, epochMs, { readOnly: true, busyMsMax: 2_000 });
  try {
    return usageBy(database, by, span);
  } finally {
    database.sqlite.close();
  }
}

function spanOf(flags: CommandInput["flags"], epochMs: number): UsageSpan {
  const [since, until] = [flags["since"], flags["until"]];
  return {
    ...(typeof since === "string" ? { sinceEpochMs: momentOf(since, epochMs) } : {}),
    ...(typeof until === "string" ? { untilEpochMs: momentOf(until, epochMs) } : {}),
  };
}

function momentOf(text: string, epochMs: number): number {
  const moment = pastMoment(text, epochMs);
  if (moment === undefined) throw new UsageError(`"${text}" is neither a day nor a duration`, "Write 2025-01-31 or 24h");
  return moment;
}

function withUsd(row: UsageRow): UsageRow & { readonly costUsd: string } {
  return { ...row, costUsd: formatUsd(row.costNanoUsd) };
}

const NUMBERS = [
  ["requests", "requests"],
  ["attempts", "attempts"],
  ["failures", "failed"],
  ["inputTokens", "input"],
  ["inputTokensCached", "cached"],
  ["inputTokensWritten", "written"],
  ["outputTokens", "output"],
  ["reasoningTokens", "reasoning"],
] as const;

function tableOf(by: UsageBy, rows: readonly UsageRow[], total: UsageRow): string {
  const columns = [
    { title: by },
    ...NUMBERS.map(([, title]) => ({ title, align: "right" as const })),
    { title: "US dollars", align: "right" as const },
  ];
  const cells = (row: UsageRow): string[] => [
    row.group,
    ...NUMBERS.map(([name]) => String(row[name])),
    `${row.unpriced > 0 ? "≥ " : ""}${formatUsd(row.costNanoUsd)}`,
  ];
  return drawTable(columns, [...rows.map(cells), cells(total)]);
}

function csvOf(by: UsageBy, rows: readonly UsageRow[]): string {
  const names = [...NUMBERS.map(([name]) => name), "unpriced", "uncertain"] as const;
  const lines = rows.map((row) => [quoted(row.group), ...names.map((name) => row[name]), formatUsd(row.costNanoUsd)].join(","));
  return [[by, ...names, "costUsd"].join(","), ...lines].join("\r\n");
}

/** By RFC 4180; and a name that a spreadsheet would take for a formula is kept from being one. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && text !== "-" ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
