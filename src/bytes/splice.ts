/**
 * Puts `replacement` in the place of the bytes from `start` to `end` (exclusive). One allocation: the result, which is the caller's.
 */
export function splice(bytes: Uint8Array, start: number, end: number, replacement: Uint8Array): Uint8Array {
  const spliced = Buffer.allocUnsafeSlow(bytes.length - (end - start) + replacement.length);
  spliced.set(bytes.subarray(0, start));
  spliced.set(replacement, start);
  spliced.set(bytes.subarray(end), start + replacement.length);
  return spliced;
}
