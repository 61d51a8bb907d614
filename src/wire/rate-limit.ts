/** What an answer says of the rate limit that it was given under. */
export interface RateLimitState {
  /** What is left of it, from 0 to 1; of several limits the one with the least. */
  readonly share: number;
  /** Until that limit begins anew. Milliseconds. */
  readonly resetMs: number;
}

interface Headers {
  get(name: string): string | null;
}

/** How vendors name a limit, what is left of it, and when it begins anew. */
const DIALECTS = [
  // OpenAI, Groq, xAI, Mistral and their like; OpenRouter has one limit without a kind.
  ...["-requests", "-tokens", ""].map((kind) => ({
    limit: `x-ratelimit-limit${kind}`,
    remaining: `x-ratelimit-remaining${kind}`,
    reset: `x-ratelimit-reset${kind}`,
  })),
  ...["requests", "tokens", "input-tokens", "output-tokens"].map((kind) => ({
    limit: `anthropic-ratelimit-${kind}-limit`,
    remaining: `anthropic-ratelimit-${kind}-remaining`,
    reset: `anthropic-ratelimit-${kind}-reset`,
  })),
  { limit: "ratelimit-limit", remaining: "ratelimit-remaining", reset: "ratelimit-reset" },
] as const;

/** If nothing says when a limit begins anew, it is taken to be one per minute. */
const RESET_MS = 60_000;

/**
 * Reads what is left of a rate limit.
 * @param epochMs The wall clock, against which dates are read.
 * @returns undefined if the answer does not say.
 */
export function rateLimitOf(headers: Headers, epochMs: number): RateLimitState | undefined {
  let least: RateLimitState | undefined;
  for (const names of DIALECTS) {
    const remaining = numberOf(headers.get(names.remaining));
    if (remaining === undefined) continue;
    const limit = numberOf(headers.get(names.limit));
    if (limit === undefined || limit <= 0) continue;
    const share = Math.min(Math.max(remaining / limit, 0), 1);
    if (least === undefined || share < least.share) least = { share, resetMs: resetMsOf(headers.get(names.reset), epochMs) };
  }
  return least;
}

/** A day in milliseconds: longer than any limit that is worth waiting for. */
const RESET_MS_MAX = 86_400_000;

/** Durations (`6m0s`), seconds, seconds or milliseconds since 1970, and dates. */
function resetMsOf(text: string | null, epochMs: number): number {
  if (text === null) return RESET_MS;
  const number = numberOf(text);
  let ms: number | undefined;
  if (number === undefined) ms = durationMsOf(text) ?? Date.parse(text) - epochMs;
  else if (number > 1e11) ms = number - epochMs;
  else if (number > 1e9) ms = number * 1_000 - epochMs;
  else ms = number * 1_000;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), RESET_MS_MAX) : RESET_MS;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Such as `1m30.5s` and `12ms`. */
function durationMsOf(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text.trim())) return undefined;
  let sumMs = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|[smhd])/g)) sumMs += Number(amount) * UNIT_MS[unit!]!; // The pattern has both.
  return sumMs;
}

function numberOf(text: string | null): number | undefined {
  if (text === null || text.trim() === "") return undefined;
  // A limit may carry its policy behind it: `100, 100;w=60`.
  const number = Number(text.split(",", 1)[0]);
  return Number.isFinite(number) ? number : undefined;
}
