/** Stands where a format would pass verbatim which no client speaks: bridges never ask for it, so to do so is a mistake in this program. */
export function unspoken(): never {
  throw new Error("Cannot pass this stream on as it is: no client speaks its format.");
}
