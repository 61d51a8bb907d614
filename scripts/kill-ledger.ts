// Kills a process that keeps a ledger, hundreds of times, and holds what it acknowledged against what is there: `bun scripts/kill-ledger.ts --kills 500`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { killLoop } from "../test/ledger/kill-loop.ts";

const { values } = parseArgs({ options: { kills: { type: "string", default: "100" }, "life-ms": { type: "string", default: "200" } } });
const folder = mkdtempSync(join(tmpdir(), "omni-kill-"));
const lifeMs = Number(values["life-ms"]);
try {
  // Steps of the golden section fall everywhere in the range, and the same each time.
  const report = await killLoop(folder, Number(values.kills), (kill) => ((kill * 0.618034) % 1) * lifeMs);
  console.log(JSON.stringify(report, null, 2));
  const { missing, withoutRow, duplicates, difference, open } = report;
  if (missing + withoutRow + duplicates + Math.abs(difference) + open > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
