/** Shorter ones would be found in words that are none. */
const LENGTH_MIN = 8;
const INSTEAD = "[redacted]";

/**
 * Takes credentials out of what providers say when they fail: some repeat the key that they were called with. For what goes wrong alone; what goes well
 * never passes here.
 */
export class Redaction {
  private readonly secrets: readonly string[];

  /** @param secrets All that a provider could have been sent. */
  constructor(secrets: Iterable<string>) {
    this.secrets = [...new Set(secrets)].filter((secret) => secret.length >= LENGTH_MIN);
  }

  text(text: string): string {
    let clean = text;
    for (const secret of this.secrets) if (clean.includes(secret)) clean = clean.replaceAll(secret, INSTEAD);
    return clean;
  }

  /** The same bytes if there is nothing in them. */
  bytes(bytes: Uint8Array): Uint8Array {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!this.secrets.some((secret) => buffer.includes(secret))) return bytes;
    return Buffer.from(this.text(buffer.toString()));
  }
}
