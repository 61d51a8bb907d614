// A second process on the same ledger: says what it found.
import { openLedger } from "../../src/ledger/open-ledger.ts";
import { systemWorld } from "../../src/world/system.ts";

const { found, close } = await openLedger(process.argv[2] ?? "", systemWorld());
console.log(JSON.stringify(found));
await close();
