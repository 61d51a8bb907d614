/** What an image's bytes are by their beginning, whatever a name or a head says of them: its media type; undefined if they are none that is known. */
export function imageTypeOf(bytes: Uint8Array): string | undefined {
  const begins = (...start: readonly number[]): boolean => start.every((byte, index) => bytes[index] === byte);
  if (begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "image/png";
  if (begins(0xff, 0xd8, 0xff)) return "image/jpeg";
  if (begins(0x47, 0x49, 0x46, 0x38)) return "image/gif";
  // A container with the letters RIFF, a length, and the letters WEBP.
  if (begins(0x52, 0x49, 0x46, 0x46) && [0x57, 0x45, 0x42, 0x50].every((byte, index) => bytes[8 + index] === byte)) return "image/webp";
  return undefined;
}
