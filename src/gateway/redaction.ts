/** Shorter ones would be found in words that are none. */
const LENGTH_MIN = 8;
const INSTEAD = "[redacted]";

/**
 * Takes credentials out of what providers say when they fail, and out of logs: some repeat the key that they were called with, as it is or in other
 * letters. For what goes wrong alone; what goes well never passes here.
 */
export class Redaction {
  private readonly needles: readonly string[];

  /** @param secrets All that a provider could have been sent. */
  constructor(secrets: Iterable<string>) {
    const long = [...new Set(secrets)].filter((secret) => secret.length >= LENGTH_MIN);
    const needles = new Set(long.flatMap(writings));
    // The longest first: what is a part of another is not taken out of it, or the rest would stay.
    this.needles = [...needles].filter((needle) => needle.length >= LENGTH_MIN).sort((a, b) => b.length - a.length);
  }

  text(text: string): string {
    let clean = text;
    for (const needle of this.needles) if (clean.includes(needle)) clean = clean.replaceAll(needle, INSTEAD);
    return clean;
  }

  /** The same bytes if there is nothing in them. */
  bytes(bytes: Uint8Array): Uint8Array {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!this.needles.some((needle) => buffer.includes(needle))) return bytes;
    return Buffer.from(this.text(buffer.toString()));
  }
}

/** A secret in all letters that it is likely to come in: as it is, in JSON, in an address, in hexadecimal digits, in Base64 wherever it begins there. */
function writings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const inJson = JSON.stringify(secret).slice(1, -1);
  const inAddress = encodeURIComponent(secret);
  const escaped = [...secret].map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
  const base64 = [0, 1, 2].flatMap((before) => {
    const text = base64At(bytes, before);
    return [text, text.replaceAll("+", "-").replaceAll("/", "_")];
  });
  const hex = bytes.toString("hex");
  return [secret, inJson, inJson.replaceAll("/", "\\/"), inAddress, lowerEscapes(inAddress), escaped, hex, hex.toUpperCase(), ...base64];
}

/** Those letters of the Base64 of something that the secret alone decides, if it stands behind so many bytes, or three more, or six. */
function base64At(secret: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), secret])
    .toString("base64")
    .replaceAll("=", "");
  const start = Math.ceil((before * 8) / 6);
  return text.slice(start, Math.floor(((before + secret.length) * 8) / 6));
}

function lowerEscapes(address: string): string {
  return address.replace(/%[0-9A-F]{2}/g, (each) => each.toLowerCase());
}
