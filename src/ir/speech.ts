import type { JsonObject } from "./json.ts";

/** Forms of sound that clients can ask for. `pcm`: 16-bit samples, lowest byte first, one channel, 24,000 a second, no header. */
export type SoundFormat = "mp3" | "opus" | "aac" | "flac" | "wav" | "pcm";

/** Every form of sound. */
export const SOUND_FORMATS: readonly SoundFormat[] = ["mp3", "opus", "aac", "flac", "wav", "pcm"];

/** The content type of each. */
export const SOUND_TYPES: Readonly<Record<SoundFormat, string>> = {
  mp3: "audio/mpeg",
  opus: "audio/ogg",
  aac: "audio/aac",
  flac: "audio/flac",
  wav: "audio/wav",
  pcm: "audio/pcm",
};

/** A text to be spoken. */
export interface SpeechRequest {
  readonly text: string;
  readonly voice: string;
  readonly format: SoundFormat;
  /** From 0.25 to 4; undefined for as usual. */
  readonly speed: number | undefined;
  /** How to speak, in words. */
  readonly instructions: string | undefined;
  /** Whether the client wants server-sent events with pieces of sound in them, instead of the sound itself. */
  readonly events: boolean;
  /** Fields that only the client's format knows. */
  readonly rest: JsonObject | undefined;
}

/** All of the sound. */
export interface SpeechResult {
  readonly sound: Uint8Array;
}

/** Sound as it is made: pieces, and then an end. */
export type SpeechEvent = { readonly type: "sound"; readonly bytes: Uint8Array } | { readonly type: "end" };
