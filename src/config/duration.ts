const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** How a duration is written: a positive number and its unit. */
export const DURATION_PATTERN = "^(?=.*[1-9])\\d+(\\.\\d+)?(ms|s|m|h)$";

/**
 * Reads a duration such as `500ms`, `30s`, `1.5m` or `2h`.
 * @returns Milliseconds, or undefined if it is no duration.
 */
export function durationMs(text: string): number | undefined {
  if (!new RegExp(DURATION_PATTERN).test(text)) return undefined;
  const number = Number.parseFloat(text);
  return number * (UNITS_MS[text.replace(/^[\d.]+/, "")] ?? Number.NaN);
}
