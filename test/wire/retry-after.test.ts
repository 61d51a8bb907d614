import { expect, test } from "bun:test";
import { retryAfterMs } from "../../src/wire/retry-after.ts";

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);

test.each([
  ["nothing", {}, undefined],
  ["milliseconds before seconds", { "retry-after-ms": "1500", "retry-after": "9" }, 1500],
  ["seconds", { "retry-after": "20" }, 20_000],
  ["fractions", { "retry-after": "0.25" }, 250],
  ["a negative wait as none", { "retry-after": "-5" }, 0],
  ["an hour at most", { "retry-after": "86400" }, 3_600_000],
  ["a date by our clock", { "retry-after": "Thu, 01 Jan 2026 12:00:30 GMT" }, 30_000],
  ["a date by the provider's clock", { "retry-after": "Thu, 01 Jan 2026 11:00:30 GMT", date: "Thu, 01 Jan 2026 11:00:00 GMT" }, 30_000],
  ["a date that has passed", { "retry-after": "Thu, 01 Jan 2026 11:00:00 GMT" }, 0],
  ["words as nothing", { "retry-after": "soon" }, undefined],
  ["the reset of limits as a last resort", { "x-ratelimit-reset-requests": "12ms", "x-ratelimit-reset-tokens": "1m2.5s" }, 62_500],
  [
    "the limit that is used up",
    {
      "x-ratelimit-reset-requests": "6m0s",
      "x-ratelimit-reset-tokens": "2s",
      "x-ratelimit-remaining-tokens": "0",
      "x-ratelimit-remaining-requests": "8",
    },
    2000,
  ],
  ["seconds before resets", { "retry-after": "1", "x-ratelimit-reset-tokens": "6m0s" }, 1000],
  [
    "the instant at which Anthropic's limit is reset that is used up",
    {
      "anthropic-ratelimit-requests-remaining": "40",
      "anthropic-ratelimit-requests-reset": "2026-01-01T12:09:00Z",
      "anthropic-ratelimit-input-tokens-remaining": "0",
      "anthropic-ratelimit-input-tokens-reset": "2026-01-01T12:00:07Z",
    },
    7000,
  ],
  ["a broken duration as nothing", { "x-ratelimit-reset-tokens": "6m0" }, undefined],
] as [string, Record<string, string>, number | undefined][])("reads %s", (_, headers, waitMs) => {
  expect(retryAfterMs({ get: (name) => headers[name] ?? null }, NOW)).toBe(waitMs as number);
});
