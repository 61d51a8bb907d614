/** What the first bytes of a recording tell of it. */
export interface SoundType {
  /** As vendors list what they take: `mp3`, `mp4`, `wav`, `webm`, `ogg`, `flac`, `aac`, `mpeg`. */
  readonly name: string;
  readonly mediaType: string;
}

/** The beginnings of the containers that vendors take. A question mark stands for any byte. */
const SIGNS: readonly (readonly [sign: string, name: string, mediaType: string])[] = [
  ["RIFF????WAVE", "wav", "audio/wav"],
  ["ID3", "mp3", "audio/mpeg"],
  ["????ftyp", "mp4", "audio/mp4"],
  ["\x1a\x45\xdf\xa3", "webm", "audio/webm"],
  ["OggS", "ogg", "audio/ogg"],
  ["fLaC", "flac", "audio/flac"],
  ["\x00\x00\x01\xba", "mpeg", "video/mpeg"],
  ["\x00\x00\x01\xb3", "mpeg", "video/mpeg"],
];

/**
 * Tells what a recording is by its content; its name may say anything.
 * @returns undefined if it is none that is known.
 */
export function soundTypeOf(bytes: Uint8Array): SoundType | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
  for (const [sign, name, mediaType] of SIGNS) if (begins(head, sign)) return { name, mediaType };
  return frameType(bytes);
}

function begins(head: string, sign: string): boolean {
  if (head.length < sign.length) return false;
  for (let at = 0; at < sign.length; at++) if (sign[at] !== "?" && sign[at] !== head[at]) return false;
  return true;
}

/** MPEG's frames begin with eleven set bits, then the version and the layer; layer 0 is ADTS, which carries AAC. */
function frameType([first = 0, second = 0, third = 0]: Uint8Array): SoundType | undefined {
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return undefined;
  const layer = (second >> 1) & 3;
  if (layer === 0) return (second & 0xf0) === 0xf0 ? { name: "aac", mediaType: "audio/aac" } : undefined;
  // A bit rate of all ones does not exist, nor does a version of 1.
  return third >> 4 !== 15 && ((second >> 3) & 3) !== 1 ? { name: "mp3", mediaType: "audio/mpeg" } : undefined;
}
