// What the filters save on their samples, and how long they take: `bun scripts/rtk-savings.ts [--time]`.
import { parseArgs } from "node:util";
import { drawTable } from "../src/cli/table.ts";
import { compress } from "../src/policies/compress/compress.ts";
import { compressBody, DEFAULT_FILTERS } from "../src/policies/compress/compress-body.ts";
import { FILTERS } from "../src/policies/compress/filters/index.ts";
import { WRITERS } from "../test/policies/compress/conversation.ts";
import { readSamples } from "../test/policies/compress/samples.ts";

const MIB = 1 << 20;
const { values } = parseArgs({ options: { time: { type: "boolean", default: false } } });
const samples = readSamples();

/** The best of some runs, so that neighbours on the machine do not count. */
function bestMs(act: () => unknown, runs = 25): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const startNs = Bun.nanoseconds();
    act();
    best = Math.min(best, (Bun.nanoseconds() - startNs) / 1e6);
  }
  return best;
}

let [before, after] = [0, 0];
const rows = FILTERS.map(({ id }) => {
  const own = samples.filter(({ filter }) => filter === id);
  let [bytesBefore, bytesAfter] = [0, 0];
  for (const { output, command } of own) {
    const bytes = Buffer.byteLength(output);
    bytesBefore += bytes;
    bytesAfter += compress(output, command === undefined ? {} : { name: "bash", command }, DEFAULT_FILTERS)?.bytesAfter ?? bytes;
  }
  before += bytesBefore;
  after += bytesAfter;
  const text = own.map(({ output }) => output).join("\n");
  const mebibyte = text.repeat(Math.ceil(MIB / text.length)).slice(0, MIB);
  const command = own.find((sample) => sample.command !== undefined)?.command;
  const ms = values.time ? bestMs(() => compress(mebibyte, command === undefined ? {} : { name: "bash", command }, DEFAULT_FILTERS)) : 0;
  const saved = `${Math.round(100 * (1 - bytesAfter / bytesBefore))} %`;
  return [id, String(own.length), String(bytesBefore), String(bytesAfter), saved, values.time ? ms.toFixed(1) : ""];
});
rows.push(["all", String(samples.length), String(before), String(after), `${Math.round(100 * (1 - after / before))} %`, ""]);
const right = { align: "right" } as const;
console.log(
  drawTable(
    [
      { title: "filter" },
      { title: "samples", ...right },
      { title: "bytes", ...right },
      { title: "after", ...right },
      { title: "saved", ...right },
      { title: "ms/MiB", ...right },
    ],
    rows,
  ),
);

if (values.time) {
  const prose = "A sentence that somebody wrote to a model, and that has nothing to do with tools. ".repeat(400);
  for (const [wire, write] of Object.entries(WRITERS)) {
    const none = Buffer.from(JSON.stringify({ ...write([]), input_text: prose.slice(0, 32_000) }));
    const many = Buffer.from(
      JSON.stringify(write(samples.slice(0, 60).map(({ command = "make", output }) => ({ command, output: output.slice(0, 9000) })))),
    );
    const idleUs =
      bestMs(() => {
        for (let turn = 0; turn < 100; turn++) compressBody(wire, none);
      }) * 10;
    const busyMs = bestMs(() => compressBody(wire, many));
    console.log(
      `${wire}: ${none.length} bytes without results ${idleUs.toFixed(2)} µs; ${many.length} bytes with 60 results ${busyMs.toFixed(2)} ms`,
    );
  }
  const hostile: Readonly<Record<string, string>> = {
    "one line": "a".repeat(MIB),
    "empty lines": "\n".repeat(MIB),
    "carriage returns": "a\r".repeat(MIB / 2),
    escapes: "\u001b[31m".repeat(MIB / 5),
    "open escapes": "\u001b[".repeat(MIB / 2),
    marks: "[-1 line".repeat(MIB / 8),
    brackets: "[".repeat(MIB),
    digits: `${"1:".repeat(500)}\n`.repeat(MIB / 1001),
    blanks: `${" ".repeat(1000)}\n`.repeat(MIB / 1001),
    "short lines, all different": Array.from({ length: MIB / 8 }, (_, index) => index.toString(36).padStart(7)).join("\n"),
    errors: "error\n".repeat(MIB / 6),
    "wide characters": "✓ é\n".repeat(MIB / 6),
  };
  for (const [name, text] of Object.entries(hostile)) {
    let [worst, worstMs] = ["", 0];
    for (const { id, commands } of FILTERS) {
      const ms = bestMs(() => compress(text, { name: "bash", command: commands?.[0] ?? "./run" }, DEFAULT_FILTERS), 3);
      if (ms > worstMs) [worst, worstMs] = [id, ms];
    }
    console.log(`hostile, ${name}: ${worstMs.toFixed(1)} ms per MiB at worst (${worst})`);
  }
}
