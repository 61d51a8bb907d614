// A process that keeps a ledger until it is killed. Each line on stdout is an acknowledgement: what was said here must be found afterwards.
import { openLedger } from "../../src/ledger/open-ledger.ts";
import { systemWorld } from "../../src/world/system.ts";
import { opened, outcome } from "./samples.ts";

const [folder = "", run = "0", countMax = "Infinity"] = process.argv.slice(2);
const world = systemWorld();
const { ledger, start } = openLedger(folder, world, { drainEveryMs: 5, keepDays: 100_000 });
// As where a ledger is asked for: the gateway does not listen before its database is open.
await start();
console.log("ready");
for (let count = 0; count < Number(countMax); count += 10) {
  let said = "";
  for (let each = count; each < count + 10; each++) {
    const attempt = ledger.open(opened(`${run}-${each}`, 1, { price: "cafe" }));
    // Here the request goes out: the provider's own list is of what got this far.
    said += `sent ${run}-${each}\n`;
    if (each % 7 === 0) continue;
    ledger.settle(attempt, outcome({ costNanoUsd: each }));
    said += `done ${run}-${each} ${each}\n`;
  }
  await Bun.write(Bun.stdout, said);
}
await ledger.flush();
process.kill(process.pid, "SIGKILL");
