import type { Vector } from "../ir/embedding.ts";
import { OmniError } from "../ir/failure.ts";

const BYTES_PER_FLOAT = 4;

/**
 * A vector as numbers. From base64 each is the shortest decimal that stands for the very same 32-bit float, as vendors print them.
 * @throws {OmniError} `upstream_invalid`, if it is no base64 of whole floats.
 */
export function floatsOf(vector: Vector): readonly number[] {
  if (!("base64" in vector)) return vector;
  const bytes = Buffer.from(vector.base64, "base64");
  if (bytes.length === 0 || bytes.length % BYTES_PER_FLOAT !== 0)
    throw new OmniError("upstream_invalid", "Cannot use the provider's answer: a vector is no base64 of 32-bit floats.");
  return Array.from({ length: bytes.length / BYTES_PER_FLOAT }, (_, index) => shortest(bytes.readFloatLE(index * BYTES_PER_FLOAT)));
}

/** A vector as base64 of 32-bit floats, lowest byte first. */
export function base64Of(vector: Vector): string {
  if ("base64" in vector) return vector.base64;
  const bytes = Buffer.alloc(vector.length * BYTES_PER_FLOAT);
  for (let index = 0; index < vector.length; index++) bytes.writeFloatLE(vector[index]!, index * BYTES_PER_FLOAT); // Below its length.
  return bytes.toString("base64");
}

/** Digits that tell any two 32-bit floats apart. */
const DIGITS_MAX = 9;

/** The shortest decimal that is read back as the same 32-bit float. */
function shortest(float: number): number {
  for (let digits = 6; digits < DIGITS_MAX; digits++) {
    const decimal = Number(float.toPrecision(digits));
    if (Math.fround(decimal) === float) return decimal;
  }
  return Number(float.toPrecision(DIGITS_MAX));
}
