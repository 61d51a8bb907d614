import { existsSync } from "node:fs";
import { ledgerFile } from "../ledger/drainer.ts";
import { LEDGER_MIGRATIONS } from "../ledger/migrations.ts";
import { openDatabase } from "../ledger/open.ts";
import { formatUsd } from "../ledger/price.ts";
import { isAlive } from "../ledger/process-lock.ts";
import { type Audit, verify } from "../ledger/verify.ts";
import { systemWorld } from "../world/system.ts";
import type { Command, CommandInput } from "./command.ts";
import { LEDGER_FLAGS, ledgerFolder } from "./ledger-folder.ts";
import { UsageError } from "./parse.ts";

/** `omni ledger`. */
export const command: Command = {
  name: "ledger",
  summary: "Audit the ledger: reckon every cost again, and look for gaps, damage and attempts that nobody will end.",
  args: "<verify>",
  flags: { json: { type: "boolean", summary: "Print JSON." }, ...LEDGER_FLAGS },
  examples: ["omni ledger verify", "omni ledger verify --ledger /var/lib/omni --json"],
  run: ledger,
};

async function ledger(input: CommandInput): Promise<number> {
  const [verb] = input.args;
  if (verb !== "verify") throw new UsageError(`ledger can not "${verb}"`, "Try: omni ledger verify");
  const folder = await ledgerFolder(input);
  const file = ledgerFile(folder);
  if (!existsSync(file)) {
    console.error(`omni: there is no ledger in ${folder}. It begins with the first request.`);
    return 1;
  }
  const { database } = openDatabase(file, LEDGER_MIGRATIONS, systemWorld().clock.epochMs(), { readOnly: true, busyMsMax: 2_000 });
  try {
    const audit = verify(database, (owner) => isAlive(folder, owner));
    console.log(input.flags["json"] === true ? JSON.stringify({ format: 1, ...audit }, null, 2) : textOf(audit));
    return audit.discrepancies.length === 0 ? 0 : 1;
  } finally {
    database.sqlite.close();
  }
}

function textOf({ attempts, reckoned, costNanoUsd, costNanoUsdReckoned, unpriced, uncertain, discrepancies }: Audit): string {
  const lines = [
    `${attempts} attempts, ${formatUsd(costNanoUsd)} US dollars; ${reckoned} reckoned again, ${formatUsd(costNanoUsdReckoned)}.`,
    `${unpriced} without a known price, ${uncertain} at what was reckoned or set aside.`,
  ];
  const told = discrepancies.map(({ what, text }) => `  ${what}: ${text}`);
  return [...lines, ...(told.length === 0 ? ["It adds up."] : ["It does not add up:", ...told])].join("\n");
}
