// Copies a part without making a view of it first: a view makes the runtime move the bytes into a buffer of its own.
const { copy } = Buffer.prototype;

/** Puts `replacement` in the place of the bytes from `start` to `end` (exclusive). One allocation: the result, which is the caller's. */
export function splice(bytes: Uint8Array, start: number, end: number, replacement: Uint8Array): Uint8Array {
  const spliced = new Uint8Array(bytes.length - (end - start) + replacement.length);
  copy.call(bytes, spliced, 0, 0, start);
  spliced.set(replacement, start);
  copy.call(bytes, spliced, start + replacement.length, end);
  return spliced;
}
