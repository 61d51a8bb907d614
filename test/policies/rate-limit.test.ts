import { describe, expect, test } from "bun:test";
import { ConcurrencyLimits } from "../../src/policies/concurrency.ts";
import { RateLimits, type RateRule, spanText } from "../../src/policies/rate-limit.ts";
import { at, caller, exchange, outcome, thrown } from "./exchange.ts";

const rule = (more: Partial<RateRule> = {}): RateRule => ({
  name: "r",
  per: "key",
  counts: "requests",
  limit: 2,
  windowMs: 60_000,
  ...more,
});

describe("RateLimits", () => {
  test("refuses with a wait that is exact", () => {
    const limits = new RateLimits([rule()]);
    for (let count = 0; count < 2; count++) limits.admit(exchange(), at(0));
    expect(thrown(() => limits.admit(exchange(), at(10_000)))).toMatchObject({ kind: "rate_limited", status: 429, retryAfterMs: 20_000 });
    expect(thrown(() => limits.admit(exchange(), at(29_999)))).toMatchObject({ retryAfterMs: 1 });
    expect(thrown(() => limits.admit(exchange(), at(30_000)))).toBeUndefined();
  });

  test.each([
    { per: "key", other: { caller: caller("bob") } },
    { per: "team", other: { caller: caller("alice", { team: "ads" }) } },
    { per: "organisation", other: { caller: caller("alice", { organisation: "umbrella" }) } },
    { per: "model", other: { route: "fast" } },
    { per: "address", other: { address: "192.0.2.8" } },
  ] as const)("counts per $per", ({ per, other }) => {
    const limits = new RateLimits([rule({ per, limit: 1 })]);
    limits.admit(exchange(), at(0));
    expect(thrown(() => limits.admit(exchange(), at(0)))).toMatchObject({ kind: "rate_limited" });
    expect(thrown(() => limits.admit(exchange(other), at(0)))).toBeUndefined();
  });

  test("is for nobody who has no such thing: a key without a team is under no limit of teams", () => {
    const limits = new RateLimits([rule({ per: "team", limit: 1 })]);
    const alone = exchange({ caller: caller("alice", { team: undefined }) });
    for (let count = 0; count < 3; count++) expect(limits.admit(alone, at(0))).toBeUndefined();
  });

  test("takes nothing by any rule when one refuses", () => {
    const limits = new RateLimits([rule({ name: "wide", per: "all", limit: 3 }), rule({ name: "narrow", limit: 1 })]);
    limits.admit(exchange(), at(0));
    for (let count = 0; count < 5; count++) thrown(() => limits.admit(exchange(), at(0)));
    for (const name of ["bob", "carol"]) limits.admit(exchange({ caller: caller(name) }), at(0));
    expect(thrown(() => limits.admit(exchange({ caller: caller("dave") }), at(0)))).toMatchObject({ kind: "rate_limited" });
  });

  test("counts tokens as estimated, then as they were", () => {
    const limits = new RateLimits([rule({ counts: "tokens", limit: 250 })]);
    const holds = [0, 1].map(() => limits.admit(exchange(), at(0)));
    expect(thrown(() => limits.admit(exchange(), at(0)))).toMatchObject({ kind: "rate_limited" });
    holds[0]?.settle(outcome({ usage: { inputTokens: 10, inputTokensCached: 10, outputTokens: 10, reasoningTokens: 10 } }), at(0));
    expect(thrown(() => limits.admit(exchange(), at(0)))).toBeUndefined();
    expect(thrown(() => limits.admit(exchange(), at(0)))).toMatchObject({ kind: "rate_limited" });
    holds[1]?.settle(outcome({ costNanoUsd: 0, failure: "upstream_unreachable" }), at(0));
    expect(thrown(() => limits.admit(exchange(), at(0)))).toBeUndefined();
  });

  test("lets the estimate stand where nobody knows what was used", () => {
    const limits = new RateLimits([rule({ counts: "tokens", limit: 100 })]);
    limits.admit(exchange(), at(0))?.settle(outcome({ costNanoUsd: undefined, failure: "upstream_reset" }), at(0));
    expect(thrown(() => limits.admit(exchange(), at(0)))).toMatchObject({ kind: "rate_limited" });
  });

  test("in shadow only notes what it would refuse", () => {
    const noted: string[] = [];
    const limits = new RateLimits([rule({ shadow: true, limit: 1 })], (name) => noted.push(name));
    const seen = exchange();
    for (let count = 0; count < 3; count++) limits.admit(seen, at(0));
    expect([noted, seen.answerHeaders]).toEqual([["r", "r"], {}]);
    limits.admit(seen, at(60_000));
    expect(noted.length).toBe(2);
  });

  test("tells the client how it stands by the tightest rule of each kind", () => {
    const limits = new RateLimits([rule({ limit: 100 }), rule({ per: "team", limit: 2 }), rule({ counts: "tokens", limit: 1_000 })]);
    const seen = exchange();
    limits.admit(seen, at(0));
    expect(seen.answerHeaders).toEqual({
      "x-ratelimit-limit-requests": "2",
      "x-ratelimit-remaining-requests": "1",
      "x-ratelimit-reset-requests": "30s",
      "x-ratelimit-limit-tokens": "1000",
      "x-ratelimit-remaining-tokens": "900",
      "x-ratelimit-reset-tokens": "6s",
    });
  });

  test("steers away from a provider that has no more, and from it alone", () => {
    const limits = new RateLimits([rule({ per: "provider", limit: 1 })]);
    const to = (provider: string): boolean | undefined =>
      limits.steer?.(exchange(), { name: `${provider}/m`, provider, model: "m" }, at(0));
    expect([to("a"), to("a"), to("b")]).toEqual([true, false, true]);
    expect(new RateLimits([rule()]).steer).toBeUndefined();
  });

  test("goes on counting under another plan that has the same rule", () => {
    const before = new RateLimits([rule()]);
    for (let count = 0; count < 2; count++) before.admit(exchange(), at(0));
    expect(thrown(() => new RateLimits([rule()], undefined, before).admit(exchange(), at(0)))).toMatchObject({ kind: "rate_limited" });
    expect(thrown(() => new RateLimits([rule({ limit: 3 })], undefined, before).admit(exchange(), at(0)))).toBeUndefined();
  });

  test("is for those alone whom it names", () => {
    const limits = new RateLimits([rule({ limit: 1, for: { keys: ["alice"] } })]);
    for (let count = 0; count < 3; count++) limits.admit(exchange({ caller: caller("bob") }), at(0));
    limits.admit(exchange(), at(0));
    expect(thrown(() => limits.admit(exchange(), at(0)))).toMatchObject({ kind: "rate_limited" });
  });
});

describe("ConcurrencyLimits", () => {
  test("lets so many through at once, and the next when one has ended, however often that is said", () => {
    const limits = new ConcurrencyLimits([{ name: "c", per: "key", limit: 2 }]);
    const holds = [limits.admit(exchange()), limits.admit(exchange())];
    expect(thrown(() => limits.admit(exchange()))).toMatchObject({ kind: "rate_limited", retryAfterMs: 1_000 });
    holds[0]?.settle(outcome(), at(0));
    holds[0]?.settle(outcome(), at(0));
    limits.admit(exchange());
    expect(thrown(() => limits.admit(exchange()))).toMatchObject({ kind: "rate_limited" });
  });

  test("remembers nobody who has nothing under way", () => {
    const limits = new ConcurrencyLimits([{ name: "c", per: "address", limit: 1 }]);
    for (let count = 0; count < 100; count++) limits.admit(exchange({ address: `192.0.2.${count}` })).settle(outcome(), at(0));
    expect(limits["counted"][0]?.underWay).toMatchObject({ counts: new Map() });
  });
});

test.each([
  { ms: 0, text: "0ms" },
  { ms: 120, text: "120ms" },
  { ms: 1_000, text: "1s" },
  { ms: 59_001, text: "1m0s" },
  { ms: 3_723_000, text: "1h2m3s" },
])("writes $ms ms as $text", ({ ms, text }) => {
  expect(spanText(ms)).toBe(text);
});
