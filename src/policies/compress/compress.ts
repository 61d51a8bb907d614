import { chooseFilter } from "./choose-filter.ts";
import type { CompiledFilter, FilterSet } from "./filter-set.ts";
import { type Judgement, judge, judgeRepeats, KEPT, PLAIN } from "./judge.ts";
import { type Lines, splitLines, withoutAnsi } from "./lines.ts";
import type { ToolCall } from "./tool-call.ts";

/** What is known about a result besides its text. */
export interface ResultContext extends ToolCall {
  /** The client says that the tool failed. Then all of it matters. */
  readonly isError?: boolean;
}

/** A shorter text, and how it came about. */
export interface Compression {
  readonly text: string;
  /** Which filter acted; `repeats` where only repeats of a line were taken out. */
  readonly filter: string;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly droppedLines: number;
}

/** Smaller results stay as they are: there is nothing to win. */
export const RESULT_BYTES_MIN = 512;
/** Larger ones too: who sends so much pays for it in time. */
export const RESULT_BYTES_MAX: number = 8 * 1024 * 1024;
/** Results that are not of a shell lose repeats of a line, and only from this size on. */
export const OTHER_BYTES_MIN: number = 32 * 1024;
/** What stands where repeats were taken out without a filter. */
const REPEATS_ID = "repeats";

/** Our own marks. A text that has one has been here before, or quotes one that has: either way it stays as it is. */
const MARK = /\[-\d{1,9} (?:lines?|chars)\b/;

/**
 * Leaves out of a tool's result what nobody needs to read, and says in each place how many lines are missing. Pure: the same result always
 * becomes the same bytes, so that prompt caches hold. Lines that look like errors, and those that the filter protects, always stay.
 *
 * @returns Undefined if the text is to stay as it is, byte for byte.
 */
export function compress(text: string, context: ResultContext, set: FilterSet): Compression | undefined {
  // A character is one byte at least, and three at most.
  if (context.isError === true || text.length * 3 < RESULT_BYTES_MIN || text.length > RESULT_BYTES_MAX) return undefined;
  const bytesBefore = Buffer.byteLength(text);
  if (bytesBefore < RESULT_BYTES_MIN || bytesBefore > RESULT_BYTES_MAX || hasTooManyLines(text) || hasMark(text)) return undefined;
  const { lines, judgement, filter } = examine(text, bytesBefore, context, set);
  if (judgement === undefined) return undefined;
  const written = write(lines, judgement, filter?.lineCharsMax ?? Number.POSITIVE_INFINITY);
  const bytesAfter = Buffer.byteLength(written.text);
  if (bytesAfter >= bytesBefore) return undefined;
  return { ...written, filter: filter?.id ?? REPEATS_ID, bytesBefore, bytesAfter };
}

function hasMark(text: string): boolean {
  // The runtime's search for a fixed text is many times as fast, and nearly always the end of it.
  return text.includes("[-") && MARK.test(text);
}

/** Work is done per line, so that lines without end would take time without end. No tool prints so many that are so short. */
function hasTooManyLines(text: string): boolean {
  let left = LINES_FREE + text.length / LINE_CHARS_MEAN_MIN;
  for (const end of ["\n", "\r"]) {
    for (let at = text.indexOf(end); at !== -1 && left > 0; at = text.indexOf(end, at + 1)) left--;
  }
  return left <= 0;
}

const LINES_FREE = 6000;
const LINE_CHARS_MEAN_MIN = 20;

/** What would be done with each line of a text, and why. */
export interface Examination {
  readonly lines: Lines;
  /** Undefined: nothing is touched. */
  readonly judgement: Judgement | undefined;
  readonly filter: CompiledFilter | undefined;
  readonly why: string;
}

/** Chooses a filter and judges every line by it. */
export function examine(text: string, bytes: number, context: ToolCall, set: FilterSet): Examination {
  const plain = splitLines(withoutAnsi(text));
  const { filter, why } = chooseFilter(plain.texts, context, set);
  if (filter !== undefined) return { lines: plain, judgement: judge(plain, filter), filter, why };
  const lines: Lines = { text, texts: text.split("\n"), overwritten: undefined };
  return { lines, judgement: bytes < OTHER_BYTES_MIN ? undefined : judgeRepeats(lines.texts), filter, why };
}

/** A mark must save at least so many characters more than it takes. */
const GAIN_CHARS_MIN = 8;

function write({ texts }: Lines, { verdicts, reasons }: Judgement, lineCharsMax: number): { text: string; droppedLines: number } {
  const out: string[] = [];
  let droppedLines = 0;
  for (let index = 0; index < texts.length; ) {
    const end = gapEnd(verdicts, index);
    if (end === index) {
      out.push(cut(texts[index] ?? "", verdicts[index] ?? KEPT, lineCharsMax));
      index++;
      continue;
    }
    const mark = markFor(verdicts, reasons, index, end);
    if (charsOf(texts, index, end) >= mark.length + GAIN_CHARS_MIN) {
      out.push(mark);
      droppedLines += end - index;
    } else for (let at = index; at < end; at++) out.push(texts[at] ?? "");
    index = end;
  }
  return { text: out.join("\n"), droppedLines };
}

function gapEnd(verdicts: Int16Array, start: number): number {
  let end = start;
  while (end < verdicts.length && (verdicts[end] ?? PLAIN) > PLAIN) end++;
  return end;
}

function charsOf(texts: readonly string[], start: number, end: number): number {
  let sum = end - start - 1;
  for (let at = start; at < end; at++) sum += texts[at]?.length ?? 0;
  return sum;
}

/** So many reasons are told; a gap of many kinds needs no list. */
const REASONS_MAX = 3;

function markFor(verdicts: Int16Array, reasons: readonly string[], start: number, end: number): string {
  const told = new Set<string>();
  for (let at = start; at < end && told.size <= REASONS_MAX; at++) told.add(reasons[verdicts[at] ?? 0] ?? "");
  told.delete("");
  const why = told.size === 0 || told.size > REASONS_MAX ? "" : `: ${[...told].join(", ")}`;
  return `[-${end - start} line${end - start === 1 ? "" : "s"}${why}]`;
}

/** What stays of a line that is cut: as much as patterns have seen of it, so that nothing is lost that they could have protected. */
const CUT_HEAD_CHARS = 768;
const CUT_TAIL_CHARS = 256;

function cut(line: string, verdict: number, lineCharsMax: number): string {
  if (verdict === KEPT || line.length <= lineCharsMax) return line;
  const head = isHalf(line, CUT_HEAD_CHARS) ? CUT_HEAD_CHARS + 1 : CUT_HEAD_CHARS;
  const tail = line.length - CUT_TAIL_CHARS - (isHalf(line, line.length - CUT_TAIL_CHARS) ? 1 : 0);
  return `${line.slice(0, head)}[-${tail - head} chars]${line.slice(tail)}`;
}

/** Whether a cut there would go through a character that JavaScript stores as two. */
function isHalf(line: string, at: number): boolean {
  return (line.charCodeAt(at) & 0xfc00) === 0xdc00 && (line.charCodeAt(at - 1) & 0xfc00) === 0xd800;
}
