import type { Json } from "./json.ts";

/** What a recording is written down as. */
export type TranscriptFormat = "json" | "text" | "srt" | "verbose_json" | "vtt" | "diarized_json";

/** Every form of a transcript. */
export const TRANSCRIPT_FORMATS: readonly TranscriptFormat[] = ["json", "text", "srt", "verbose_json", "vtt", "diarized_json"];

/** A recording to be written down. */
export interface TranscriptionRequest {
  /** `translate`: in English, whatever was spoken. */
  readonly type: "transcribe" | "translate";
  readonly file: SoundFile;
  /** ISO 639-1, where the client knows it. */
  readonly language: string | undefined;
  /** Words that help. */
  readonly prompt: string | undefined;
  readonly format: TranscriptFormat;
  readonly temperature: number | undefined;
  /** Which times are wanted: of `word`s, of `segment`s. */
  readonly times: readonly ("word" | "segment")[];
  readonly stream: boolean;
  /** Fields that only the client's format knows, in order; a field may come more than once. */
  readonly rest: readonly (readonly [name: string, value: string])[];
}

/** A recording as the client sent it; what it is was found out by its content. */
export interface SoundFile {
  readonly bytes: Uint8Array;
  readonly name: string;
  /** Such as `audio/wav`: of its content, whatever the client said. */
  readonly type: string;
}

/** What was said. */
export interface TranscriptionResult {
  readonly text: string;
  /** As the provider names it: `en`, `english`. */
  readonly language: string | undefined;
  /** Seconds. */
  readonly duration: number | undefined;
  readonly segments: readonly Segment[] | undefined;
  readonly words: readonly Word[] | undefined;
  /** What else the provider said of it, by field, for clients of the same format. */
  readonly rest: { readonly [name: string]: Json | undefined } | undefined;
}

/** A stretch of what was said. Seconds. `rest`: what else the provider said of it. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly rest: { readonly [name: string]: Json | undefined } | undefined;
}

/** One word. Seconds. */
export interface Word {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** A transcript as it is made: pieces of text, and then all of it. */
export type TranscriptionEvent =
  | { readonly type: "text-delta"; readonly text: string }
  | { readonly type: "end"; readonly result: TranscriptionResult };
