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

/** A piece of text, and the bytes that it takes the place of: from `start` to `end` (exclusive). */
export interface Patch {
  readonly start: number;
  readonly end: number;
  readonly text: Uint8Array;
}

/** The same for two places that do not overlap, in any order. */
export function splicePair(bytes: Uint8Array, one: Patch, other: Patch): Uint8Array {
  const [first, second] = other.end <= one.start ? [other, one] : [one, other];
  const between = second.start - first.end;
  const secondStart = first.start + first.text.length + between;
  const secondEnd = secondStart + second.text.length;
  const spliced = new Uint8Array(secondEnd + bytes.length - second.end);
  copy.call(bytes, spliced, 0, 0, first.start);
  spliced.set(first.text, first.start);
  copy.call(bytes, spliced, first.start + first.text.length, first.end, second.start);
  spliced.set(second.text, secondStart);
  copy.call(bytes, spliced, secondEnd, second.end);
  return spliced;
}
