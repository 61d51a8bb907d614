// The chaos matrix: `bun run chaos`. Every fault that a provider or a client may come up with, by formats, kinds of answers and settings, against the
// real server. `--every 7` runs each seventh cell; `--only TEXT` those whose name has it; `--list` says what there is.
import { parseArgs } from "node:util";
import { allCells, expectedOf, nameOf, sampleOf } from "./cells.ts";
import { type Finding, runCells } from "./run-cells.ts";
import { allClientCells, clientCellName, runClientCells } from "./run-client-cells.ts";

/** So many cells share a gateway: enough for its start to weigh little, few enough for its configuration to stay readable. */
const BATCH = 600;

const { values } = parseArgs({
  options: {
    every: { type: "string", default: "1" },
    only: { type: "string", default: "" },
    concurrency: { type: "string", default: "48" },
    list: { type: "boolean", default: false },
  },
});

const cells = sampleOf(
  allCells().filter((cell) => nameOf(cell).includes(values.only)),
  Number(values.every),
);
const clientCells = sampleOf(
  allClientCells().filter((cell) => clientCellName(cell).includes(values.only)),
  Number(values.every),
);
// Whoever adds a fault without saying what is expected of it hears of it here.
for (const cell of cells) expectedOf(cell);
if (values.list) for (const cell of cells) console.log(`${nameOf(cell)} ⇒ ${JSON.stringify(expectedOf(cell))}`);
else process.exitCode = await main();

async function main(): Promise<number> {
  const startMs = performance.now();
  const findings: Finding[] = [];
  for (let start = 0; start < cells.length; start += BATCH) {
    findings.push(...(await runCells(cells.slice(start, start + BATCH), Number(values.concurrency), console.log)));
    console.log(
      `${Math.min(start + BATCH, cells.length)} of ${cells.length} cells, ${((performance.now() - startMs) / 1000).toFixed(0)} s`,
    );
  }
  if (clientCells.length > 0) findings.push(...(await runClientCells(clientCells, Number(values.concurrency), console.log)));
  const count = cells.length + clientCells.length;
  console.log(`${count} cells in ${((performance.now() - startMs) / 1000).toFixed(0)} s, ${findings.length} not as the contract says.`);
  return findings.length === 0 ? 0 : 1;
}
