import type { Segment, TranscriptionResult, Word } from "../ir/transcription.ts";

/** Words of one line of subtitles, at most. */
const WORDS_MAX = 12;

/** The stretches of a transcript: as the provider made them, or of its words, a sentence or a line each. */
export function segmentsOf({ segments, words, text, duration }: TranscriptionResult): readonly Segment[] {
  if (segments !== undefined) return segments;
  if (words !== undefined && words.length > 0) return linesOf(words);
  return duration === undefined ? [] : [{ start: 0, end: duration, text, rest: undefined }];
}

function linesOf(words: readonly Word[]): Segment[] {
  const lines: Word[][] = [];
  let line: Word[] = [];
  for (const word of words) {
    line.push(word);
    if (line.length < WORDS_MAX && !/[.?!。？！]["')]?$/.test(word.word)) continue;
    lines.push(line);
    line = [];
  }
  if (line.length > 0) lines.push(line);
  return lines.map((each) => ({
    start: each[0]?.start ?? 0,
    end: each.at(-1)?.end ?? 0,
    text: each.map(({ word }) => word.trim()).join(" "),
    rest: undefined,
  }));
}

/** SubRip. */
export function srtOf(segments: readonly Segment[]): string {
  return segments
    .map(({ start, end, text }, index) => `${index + 1}\n${timeOf(start, ",")} --> ${timeOf(end, ",")}\n${text.trim()}\n`)
    .join("\n");
}

/** WebVTT. */
export function vttOf(segments: readonly Segment[]): string {
  const cues = segments.map(
    ({ start, end, text }) => `${timeOf(start, ".")} --> ${timeOf(end, ".")}\n${text.trim().replaceAll("-->", "→")}\n`,
  );
  return `WEBVTT\n\n${cues.join("\n")}`;
}

function timeOf(seconds: number, separator: string): string {
  const ms = Math.max(0, Math.round(seconds * 1000));
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}${separator}${String(ms % 1000).padStart(3, "0")}`;
}
