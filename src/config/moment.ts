import { durationMs } from "./duration.ts";

/**
 * Reads a moment of the past as people write it: a day or a time such as `2025-01-31` or `2025-01-31T12:00:00Z`, or how long ago it was, such as `24h`.
 * @param epochMs Now.
 * @returns Milliseconds since 1970; undefined if it is neither.
 */
export function pastMoment(text: string, epochMs: number): number | undefined {
  const agoMs = durationMs(text);
  const moment = agoMs === undefined ? Date.parse(text) : epochMs - agoMs;
  return /^\d/.test(text) && Number.isFinite(moment) ? moment : undefined;
}
