import type { Filter, Sample } from "../policies/compress/filter.ts";
import { compress, type FilterSet } from "../policies/compress/index.ts";
import type { Clock } from "../world/clock.ts";
import { type Column, drawTable } from "./table.ts";

/** What one filter saves on its own samples, and how long it takes. */
export interface FilterFigures {
  readonly filter: string;
  readonly samples: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Milliseconds for a mebibyte of such output; the best of some runs, so that neighbours on the machine do not count. */
  readonly msPerMib: number;
}

const MIB = 1 << 20;
const RUNS = 7;

/**
 * Measures filters by outputs of their tools.
 * @param filters Those that are asked for, in this order; all of `set` are there to choose from.
 * @param recorded Outputs of real tools, by the filter that is for them. A filter without any is measured by the samples that it comes with.
 */
export function measureFilters(
  filters: readonly Filter[],
  set: FilterSet,
  clock: Clock,
  recorded: readonly RecordedOutput[] = [],
): FilterFigures[] {
  return filters.map(({ id, samples: own }) => {
    const found = recorded.filter(({ filter }) => filter === id);
    const samples: readonly Pick<RecordedOutput, "command" | "output">[] = found.length > 0 ? found : own.map(lengthened);
    let [bytesBefore, bytesAfter] = [0, 0];
    for (const { command, output } of samples) {
      const bytes = Buffer.byteLength(output);
      bytesBefore += bytes;
      bytesAfter += compress(output, contextOf(command), set)?.bytesAfter ?? bytes;
    }
    const all = samples.map(({ output }) => output).join("\n");
    const mebibyte = all.repeat(Math.ceil(MIB / Math.max(all.length, 1))).slice(0, MIB);
    const context = contextOf(samples.find((sample) => sample.command !== undefined)?.command);
    let msPerMib = Number.POSITIVE_INFINITY;
    for (let run = 0; run < RUNS; run++) {
      const startMs = clock.nowMs();
      compress(mebibyte, context, set);
      msPerMib = Math.min(msPerMib, clock.nowMs() - startMs);
    }
    return { filter: id, samples: samples.length, bytesBefore, bytesAfter, msPerMib };
  });
}

/** What a tool has printed. */
export interface RecordedOutput {
  readonly filter: string;
  readonly command?: string | undefined;
  readonly output: string;
}

/** Samples are short, and nothing short is compressed: an output is usually many of them. */
function lengthened({ command, output }: Sample): Pick<RecordedOutput, "command" | "output"> {
  return { command, output: `${output}\n`.repeat(Math.ceil(4096 / Math.max(output.length, 1))) };
}

/** Draws them, with what all save together in the last line. */
export function drawFigures(figures: readonly FilterFigures[]): string {
  const right: Pick<Column, "align"> = { align: "right" };
  const sum = (field: "samples" | "bytesBefore" | "bytesAfter"): number => figures.reduce((total, row) => total + row[field], 0);
  const saved = (before: number, after: number): string => (before === 0 ? "" : `${Math.round(100 * (1 - after / before))} %`);
  const rows = figures.map(({ filter, samples, bytesBefore, bytesAfter, msPerMib }) => [
    filter,
    String(samples),
    String(bytesBefore),
    String(bytesAfter),
    saved(bytesBefore, bytesAfter),
    msPerMib.toFixed(1),
  ]);
  const [before, after] = [sum("bytesBefore"), sum("bytesAfter")];
  rows.push(["all", String(sum("samples")), String(before), String(after), saved(before, after), ""]);
  const titles = ["samples", "bytes", "after", "saved", "ms/MiB"].map((title) => ({ title, ...right }));
  return drawTable([{ title: "filter" }, ...titles], rows);
}

function contextOf(command: string | undefined): { name?: string; command?: string } {
  return command === undefined ? {} : { name: "bash", command };
}
