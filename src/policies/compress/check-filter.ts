import { chooseFilter } from "./choose-filter.ts";
import type { Filter, Sample } from "./filter.ts";
import { FilterSet } from "./filter-set.ts";
import { judge, PLAIN } from "./judge.ts";
import { PatternFault } from "./line-pattern.ts";
import { splitLines, withoutAnsi } from "./lines.ts";

/** Shorter lines are cut nowhere, so that a cut line always keeps what patterns have seen of it. */
const LINE_CHARS_MIN = 2048;

/**
 * Checks a filter by itself and by its own samples: that its patterns are linear, that its samples are taken by it, that what must survive
 * does, and that what must go goes.
 *
 * @returns What is wrong, in sentences; nothing if it can be used.
 */
export function checkFilter(filter: Filter): string[] {
  const faults: string[] = [];
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(filter.id)) faults.push(`"${filter.id}" is no id: it is lower case letters, digits and dashes.`);
  if (filter.samples.length === 0) faults.push("It has no sample: give it a piece of output, and lines of it that must survive.");
  if (filter.lineCharsMax !== undefined && filter.lineCharsMax < LINE_CHARS_MIN)
    faults.push(`lineCharsMax is less than ${LINE_CHARS_MIN}.`);
  for (const { what } of [...(filter.drop ?? []), ...(filter.dropSpans ?? []), ...(filter.thin === undefined ? [] : [filter.thin])]) {
    if (!/^[\w][\w ,'-]{0,60}$/.test(what)) faults.push(`"${what}" cannot stand in a mark: use a few plain words.`);
  }
  try {
    const set = new FilterSet([filter]);
    for (const sample of filter.samples) faults.push(...checkSample(sample, filter.id, set));
  } catch (error) {
    if (!(error instanceof PatternFault)) throw error;
    faults.push(error.message);
  }
  return faults;
}

function checkSample({ claim, command, output, survives, drops = [] }: Sample, id: string, set: FilterSet): string[] {
  const lines = splitLines(withoutAnsi(output));
  const { filter } = chooseFilter(lines.texts, command === undefined ? {} : { command }, set);
  if (filter?.id !== id) return [`Sample "${claim}": the filter does not take it.`];
  const { verdicts } = judge(lines, filter);
  const staying = new Set(lines.texts.filter((_, index) => (verdicts[index] ?? PLAIN) <= PLAIN));
  return [
    ...survives.filter((line) => !staying.has(line)).map((line) => `Sample "${claim}": this line does not survive: ${line}`),
    ...drops.filter((line) => staying.has(line)).map((line) => `Sample "${claim}": this line does not go: ${line}`),
    ...drops.filter((line) => !lines.texts.includes(line)).map((line) => `Sample "${claim}": it has no such line: ${line}`),
  ];
}
