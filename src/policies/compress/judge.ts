import { findErrorLines } from "./error-lines.ts";
import type { CompiledFilter, CompiledSpan } from "./filter-set.ts";
import { type Lines, probe } from "./lines.ts";

/** Verdict on a line that stays if there is room. */
export const PLAIN = 0;
/** Verdict on a line that stays in any case. */
export const KEPT = -1;
// All other verdicts are positive: the line goes, and the number is that of the reason.
const REPEATED = 1;
const ONCE = 2;
const OVERWRITTEN = 3;
const MIDDLE = 4;
const THINNED = 5;
const DROPS_START = 6;

/** What became of each line. */
export interface Judgement {
  readonly verdicts: Int16Array;
  /** By verdict. The empty one needs no words. */
  readonly reasons: readonly string[];
}

/** A run of equal lines that is shorter stays as it is. */
const RUN_LINES_MIN = 3;

/** Judges every line by a filter. Linear in the number of characters. */
export function judge({ text, texts, overwritten }: Lines, filter: CompiledFilter): Judgement {
  const errors = findErrorLines(text, texts);
  const verdicts = new Int16Array(texts.length);
  const spans = filter.keepSpans.map((span) => new SpanReader(span));
  const dropSpans = filter.dropSpans.map((span) => new SpanReader(span));
  const seen = new Set<string>();
  for (let index = 0; index < texts.length; index++) {
    const line = probe(texts[index] ?? "");
    // Most lines mean nothing to a filter, and one search for all of its patterns says so.
    const means = filter.any.test(line);
    let kept = errors[index] === 1 || (means && (filter.keep?.test(line) ?? false));
    for (const span of spans) if (span.reads(line, means)) kept = true;
    let verdict = kept ? KEPT : means ? dropOf(line, filter) : PLAIN;
    for (let number = 0; number < dropSpans.length; number++) {
      const span = dropSpans[number] as SpanReader; // The number is within.
      if (span.reads(line, means) && !span.isFirst && verdict === PLAIN) verdict = DROPS_START + filter.drops.length + number;
    }
    if (verdict !== KEPT && overwritten?.has(index)) verdict = OVERWRITTEN;
    if (verdict === PLAIN && means && filter.once?.test(line)) {
      const key = line.trim();
      if (seen.has(key)) verdict = ONCE;
      else seen.add(key);
    }
    verdicts[index] = verdict;
  }
  spareMost(verdicts, filter);
  if (filter.thin !== undefined) thin(texts, verdicts, filter.thin);
  foldRuns(texts, verdicts);
  applyCap(verdicts, filter);
  joinBlanks(texts, verdicts);
  const reasons = ["", "same as above", "repeats", "overwritten", "", filter.thin?.what ?? ""];
  return { verdicts, reasons: [...reasons, ...filter.drops.map(({ what }) => what), ...filter.dropSpans.map(({ what }) => what)] };
}

/** Judges without a filter: only repeats of a line go. */
export function judgeRepeats(texts: readonly string[]): Judgement {
  const verdicts = new Int16Array(texts.length);
  foldRuns(texts, verdicts);
  return { verdicts, reasons: ["", "same as above"] };
}

function dropOf(line: string, { drops }: CompiledFilter): number {
  for (let number = 0; number < drops.length; number++) if (drops[number]?.lines.test(line)) return DROPS_START + number;
  return PLAIN;
}

/** What nearly all lines are is no noise but the answer. */
function spareMost(verdicts: Int16Array, { drops }: CompiledFilter): void {
  for (const [number, { unlessMost }] of drops.entries()) {
    if (!unlessMost) continue;
    const verdict = DROPS_START + number;
    let count = 0;
    for (const each of verdicts) if (each === verdict) count++;
    if (count * 4 > verdicts.length * 3)
      for (let index = 0; index < verdicts.length; index++) if (verdicts[index] === verdict) verdicts[index] = PLAIN;
  }
}

/** Says line by line whether it is part of a span. */
class SpanReader {
  /** Whether the latest line began a span. */
  isFirst = false;
  private readonly span: CompiledSpan;
  private left = 0;

  constructor(span: CompiledSpan) {
    this.span = span;
  }

  /** @param means Whether any pattern of the filter can match the line. */
  reads(line: string, means: boolean): boolean {
    const { from, to, linesMax } = this.span;
    this.isFirst = means && from.test(line);
    if (this.isFirst) this.left = linesMax;
    else if (this.left > 0) this.left = (to === undefined ? line.trim() === "" : to.test(line)) ? 0 : this.left - 1;
    return this.left > 0;
  }
}

function thin(texts: readonly string[], verdicts: Int16Array, { lines, aboveLines, beside }: NonNullable<CompiledFilter["thin"]>): void {
  if (texts.length <= aboveLines) return;
  let run: number[] = [];
  const endRun = (): void => {
    for (const index of run.slice(beside, Math.max(beside, run.length - beside))) verdicts[index] = THINNED;
    run = [];
  };
  for (let index = 0; index < texts.length; index++) {
    const verdict = verdicts[index] ?? PLAIN;
    if (verdict === PLAIN && lines.test(probe(texts[index] ?? ""))) run.push(index);
    // What goes anyway does not part those around it.
    else if (verdict <= PLAIN) endRun();
  }
  endRun();
}

/** Of lines that are equal to the one before, only the first stays: whatever it says, it has been said. */
function foldRuns(texts: readonly string[], verdicts: Int16Array): void {
  for (let start = 0; start < texts.length; start++) {
    if ((verdicts[start] ?? PLAIN) > PLAIN) continue;
    let end = start + 1;
    while (end < texts.length && texts[end] === texts[start] && (verdicts[end] ?? PLAIN) <= PLAIN) end++;
    if (end - start >= RUN_LINES_MIN) verdicts.fill(REPEATED, start + 1, end);
    start = end - 1;
  }
}

function applyCap(verdicts: Int16Array, { cap }: CompiledFilter): void {
  let staying = 0;
  const plain: number[] = [];
  for (let index = 0; index < verdicts.length; index++) {
    const verdict = verdicts[index] ?? PLAIN;
    if (verdict <= PLAIN) staying++;
    if (verdict === PLAIN) plain.push(index);
  }
  if (staying <= cap.lines || plain.length <= cap.head + cap.tail) return;
  for (const index of plain.slice(cap.head, plain.length - cap.tail)) verdicts[index] = MIDDLE;
}

/** Blank lines between two that go, go as well. */
function joinBlanks(texts: readonly string[], verdicts: Int16Array): void {
  for (let index = 1; index < texts.length; index++) {
    const before = verdicts[index - 1] ?? PLAIN;
    if (before <= PLAIN || verdicts[index] !== PLAIN || !isBlank(texts[index])) continue;
    let end = index;
    while (end < texts.length && verdicts[end] === PLAIN && isBlank(texts[end])) end++;
    if ((verdicts[end] ?? PLAIN) > PLAIN) verdicts.fill(before, index, end);
    index = end - 1;
  }
}

function isBlank(text: string | undefined): boolean {
  return text === "" || text === "\r" || (text !== undefined && text.length < 200 && text.trim() === "");
}
