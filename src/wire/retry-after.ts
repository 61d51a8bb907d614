/** No provider makes us wait longer than this. One hour. */
const WAIT_MS_MAX = 3_600_000;

interface Headers {
  get(name: string): string | null;
}

/**
 * Says how long a provider wants us to wait, in milliseconds, from 0 to one hour; undefined if it says nothing that can be read.
 *
 * Dialects, the more exact one first: `retry-after-ms` (OpenAI, Azure), `retry-after` in seconds or as a date, and the durations in which
 * OpenAI and its like tell when a limit is reset (`6m0s`, `12ms`), or the instants in which Anthropic does.
 *
 * @param epochMs The wall clock, against which dates are read if the answer has none of its own.
 */
export function retryAfterMs(headers: Headers, epochMs: number): number | undefined {
  const waitMs = millis(headers.get("retry-after-ms")) ?? secondsOrDate(headers, epochMs) ?? reset(headers, epochMs);
  return waitMs === undefined ? undefined : Math.min(Math.max(waitMs, 0), WAIT_MS_MAX);
}

const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)\s*$/;

function millis(value: string | null): number | undefined {
  return value !== null && NUMBER.test(value) ? Number(value) : undefined;
}

function secondsOrDate(headers: Headers, epochMs: number): number | undefined {
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  const seconds = millis(value);
  if (seconds !== undefined) return seconds * 1000;
  return untilInstant(value, headers, epochMs);
}

function untilInstant(value: string | null, headers: Headers, epochMs: number): number | undefined {
  const dateMs = Date.parse(value ?? "");
  if (Number.isNaN(dateMs)) return undefined;
  // Its clock and ours may differ; its own two dates do not.
  const nowMs = Date.parse(headers.get("date") ?? "");
  return dateMs - (Number.isNaN(nowMs) ? epochMs : nowMs);
}

const LIMITS = [
  ...["requests", "tokens"].map((what) => ({ remaining: `x-ratelimit-remaining-${what}`, reset: `x-ratelimit-reset-${what}` })),
  ...["requests", "tokens", "input-tokens", "output-tokens"].map((what) => ({
    remaining: `anthropic-ratelimit-${what}-remaining`,
    reset: `anthropic-ratelimit-${what}-reset`,
  })),
];

/** Of the limits that are used up the later reset, or of all if none says that it is. */
function reset(headers: Headers, epochMs: number): number | undefined {
  const limits = LIMITS.map((names) => {
    const value = headers.get(names.reset);
    return { usedUp: headers.get(names.remaining)?.trim() === "0", waitMs: duration(value) ?? untilInstant(value, headers, epochMs) };
  });
  const usedUp = limits.filter((limit) => limit.usedUp);
  const waits = (usedUp.length > 0 ? usedUp : limits).map(({ waitMs }) => waitMs).filter((waitMs) => waitMs !== undefined);
  return waits.length === 0 ? undefined : Math.max(...waits);
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/;

function duration(value: string | null): number | undefined {
  const text = value?.trim() ?? "";
  if (NUMBER.test(text)) return Number(text) * 1000;
  if (!DURATION.test(text)) return undefined;
  let sumMs = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|[smhd])/g)) sumMs += Number(amount) * UNIT_MS[unit!]!; // The pattern has both.
  return sumMs;
}
