import { describe, expect, test } from "bun:test";
import { rateLimitOf } from "../../src/wire/rate-limit.ts";

const NOW = Date.UTC(2026, 0, 1);

describe("rateLimitOf", () => {
  test.each<{ claim: string; headers: Record<string, string>; is: ReturnType<typeof rateLimitOf> }>([
    { claim: "nothing", headers: { "x-request-id": "1" }, is: undefined },
    {
      claim: "OpenAI's durations",
      headers: { "x-ratelimit-limit-requests": "100", "x-ratelimit-remaining-requests": "25", "x-ratelimit-reset-requests": "6m0s" },
      is: { share: 0.25, resetMs: 360_000 },
    },
    {
      claim: "whichever limit has the least left",
      headers: {
        "x-ratelimit-limit-requests": "100",
        "x-ratelimit-remaining-requests": "99",
        "x-ratelimit-reset-requests": "12ms",
        "x-ratelimit-limit-tokens": "1000",
        "x-ratelimit-remaining-tokens": "10",
        "x-ratelimit-reset-tokens": "1m30.5s",
      },
      is: { share: 0.01, resetMs: 90_500 },
    },
    {
      claim: "Anthropic's instants",
      headers: {
        "anthropic-ratelimit-input-tokens-limit": "50000",
        "anthropic-ratelimit-input-tokens-remaining": "5000",
        "anthropic-ratelimit-input-tokens-reset": "2026-01-01T00:00:30Z",
      },
      is: { share: 0.1, resetMs: 30_000 },
    },
    {
      claim: "OpenRouter's milliseconds since 1970",
      headers: { "x-ratelimit-limit": "20", "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW + 5_000) },
      is: { share: 0, resetMs: 5_000 },
    },
    {
      claim: "the draft standard's seconds, and its policy behind the limit",
      headers: { "ratelimit-limit": "100, 100;w=60", "ratelimit-remaining": "50", "ratelimit-reset": "7" },
      is: { share: 0.5, resetMs: 7_000 },
    },
    {
      claim: "a minute, if nobody says when",
      headers: { "x-ratelimit-limit-requests": "4", "x-ratelimit-remaining-requests": "1" },
      is: { share: 0.25, resetMs: 60_000 },
    },
    { claim: "nothing of a limit without its size", headers: { "x-ratelimit-remaining-requests": "1" }, is: undefined },
    { claim: "nothing of what is no number", headers: { "x-ratelimit-limit": "many", "x-ratelimit-remaining": "few" }, is: undefined },
    {
      claim: "no more than all and no less than nothing, and no time in the past",
      headers: { "x-ratelimit-limit": "4", "x-ratelimit-remaining": "-1", "x-ratelimit-reset": "2025-01-01T00:00:00Z" },
      is: { share: 0, resetMs: 0 },
    },
  ])("reads $claim", ({ headers, is }) => {
    expect(rateLimitOf(new Headers(headers), NOW)).toEqual(is as never);
  });
});
