// A second process on the same ledger: says what it found.
import { openLedger } from "../../src/ledger/open-ledger.ts";
import { systemWorld } from "../../src/world/system.ts";

const { recover, close } = openLedger(process.argv[2] ?? "", systemWorld(), { keepDays: 100_000 });
console.log(JSON.stringify(await recover()));
await close();
