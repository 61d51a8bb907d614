/**
 * How our own keys look: `omni_live_<public id>_<secret>_<checksum>`.
 * The prefix is for scanners of secrets, underscores let a double click take all of it, and the checksum tells a typing mistake from a wrong key without
 * a look at any list.
 */
const KEY = /^omni_(live|test)_([0-9A-Za-z]{12})_([0-9A-Za-z]{43})_([0-9A-Za-z]{6})$/;

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A new key. `key` is shown once and never kept. */
export interface NewKey {
  readonly id: string;
  readonly key: string;
  /** Of the whole key, in hexadecimal digits: what is kept. */
  readonly sha256: string;
}

/**
 * Makes a key of 256 random bits.
 * @param id The public id, where a key gets a new secret.
 * @param randomBytes Unpredictable bytes, as many as are asked for.
 */
export function makeKey(
  mode: "live" | "test",
  randomBytes: (count: number) => Uint8Array,
  id: string = lettersOf(randomBytes(9), 12),
): NewKey {
  const head = `omni_${mode}_${id}_${lettersOf(randomBytes(32), 43)}`;
  const key = `${head}_${checksum(head)}`;
  return { id, key, sha256: sha256Hex(key) };
}

/**
 * The public id of what may be one of our keys.
 * @returns undefined if it is none, be it foreign or mistyped.
 */
export function publicIdOf(key: string): string | undefined {
  if (key.length !== 73) return undefined;
  const found = KEY.exec(key);
  return found !== null && checksum(key.slice(0, -7)) === found[4] ? found[2] : undefined;
}

/** Whether a text means to be one of our keys. */
export function looksLikeKey(text: string): boolean {
  return text.startsWith("omni_live_") || text.startsWith("omni_test_");
}

/** What is kept of a key: enough, since nobody can try out 256 random bits. */
export function sha256Hex(key: string): string {
  return new Bun.CryptoHasher("sha256").update(key).digest("hex");
}

/** Once per request, so without the large integers that the secret itself needs. */
function checksum(text: string): string {
  let letters = "";
  for (let rest = Bun.hash.crc32(text); letters.length < 6; rest = Math.floor(rest / 62)) letters = DIGITS[rest % 62] + letters;
  return letters;
}

function lettersOf(bytes: Uint8Array, length: number): string {
  return inBase62(BigInt(`0x${Buffer.from(bytes).toString("hex")}`), length);
}

function inBase62(value: bigint, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest /= 62n) text = DIGITS[Number(rest % 62n)] + text;
  return text;
}
