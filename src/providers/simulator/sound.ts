import { wavOf } from "../../bytes/wav.ts";

const SAMPLES_PER_SECOND = 24_000;
/** How long a letter takes. */
const SECONDS_PER_LETTER = 0.06;
const SECONDS_MAX = 20;
/** The name of the part of a WAV file that is for remarks: what was spoken is put there, so that it can be written down again. */
const REMARK = "LIST";

/** A tone as long as the text, as bare samples. */
export function samplesOf(text: string): Uint8Array {
  const count = Math.ceil(Math.min(Math.max(text.length * SECONDS_PER_LETTER, 0.2), SECONDS_MAX) * SAMPLES_PER_SECOND);
  const samples = Buffer.alloc(count * 2);
  for (let index = 0; index < count; index++) {
    // Each letter has a pitch of its own.
    const letter = text.charCodeAt(Math.floor(index / (SECONDS_PER_LETTER * SAMPLES_PER_SECOND)) % Math.max(text.length, 1)) || 0;
    const pitch = 200 + (letter % 32) * 20;
    samples.writeInt16LE(Math.round(Math.sin((index / SAMPLES_PER_SECOND) * pitch * 2 * Math.PI) * 8000), index * 2);
  }
  return samples;
}

/** The same as a WAV file that says what was spoken. */
export function spokenWav(text: string): Uint8Array {
  const sound = Buffer.from(wavOf(samplesOf(text), SAMPLES_PER_SECOND));
  const words = Buffer.from(`${text}\0${text.length % 2 === 0 ? "\0" : ""}`);
  const remark = Buffer.alloc(20);
  remark.write(REMARK, 0, "latin1");
  remark.writeUInt32LE(12 + words.length, 4);
  remark.write("INFOICMT", 8, "latin1");
  remark.writeUInt32LE(words.length, 16);
  const whole = Buffer.concat([sound, remark, words]);
  whole.writeUInt32LE(whole.length - 8, 4);
  return whole;
}

/** What a WAV file of ours says; undefined for any other. */
export function spokenIn(bytes: Uint8Array): string | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = view.lastIndexOf("INFOICMT");
  if (at < 8 || view.toString("latin1", at - 8, at - 4) !== REMARK) return undefined;
  return view.toString("utf8", at + 12).replace(/\0+$/, "");
}

/** One frame of MP3, 128 kbit/s at 44,100 samples a second, in which nothing is heard. */
const SILENT_FRAME = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x64]), Buffer.alloc(413)]);
const SECONDS_PER_FRAME = 1152 / 44_100;

/** Silence as long as the text, as MP3. */
export function silentMp3(text: string): Uint8Array {
  const seconds = Math.min(Math.max(text.length * SECONDS_PER_LETTER, 0.2), SECONDS_MAX);
  return Buffer.concat(Array.from({ length: Math.ceil(seconds / SECONDS_PER_FRAME) }, () => SILENT_FRAME));
}
