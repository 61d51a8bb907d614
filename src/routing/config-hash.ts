/**
 * The name of a version of the configuration.
 * @param value JSON; the order of keys does not count, that of lists does.
 * @returns The first 8 hexadecimal digits of the SHA-256 of its canonical form.
 */
export function hashOfJson(value: unknown): string {
  return new Bun.CryptoHasher("sha256").update(canonicalJson(value)).digest("hex").slice(0, 8);
}

/** JSON with the keys of every object sorted by their UTF-16 units. Two values that are equal but for the order of keys give the same text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join()}}`;
}
