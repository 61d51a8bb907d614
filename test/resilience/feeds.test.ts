import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ConcurrencyLimit } from "../../src/resilience/concurrency-limit.ts";
import { HealthBook, lone, type TargetIdentity } from "../../src/resilience/health.ts";
import { Latency } from "../../src/resilience/latency.ts";
import { RetryBudget } from "../../src/resilience/retry-budget.ts";

describe("RetryBudget", () => {
  test("lets a hundred repeats go in ten seconds where there are few requests", () => {
    const budget = new RetryBudget();
    let went = 0;
    for (let at = 0; at < 500; at++) {
      if (!budget.allows(at)) continue;
      budget.started(true, at);
      went++;
    }
    expect(went).toBe(100);
    expect(budget.allows(9_999)).toBe(false);
    expect(budget.allows(10_500)).toBe(true);
  });

  test("never lets more go than a fifth of the window's requests and the least that is always allowed", () => {
    const step = fc.record({ afterMs: fc.nat(900), repeat: fc.boolean(), times: fc.integer({ min: 1, max: 300 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const budget = new RetryBudget();
        const went: { atMs: number; repeat: boolean }[] = [];
        let nowMs = 0;
        for (const { afterMs, repeat, times } of steps) {
          nowMs += afterMs;
          for (let at = 0; at < times; at++) {
            if (repeat && !budget.allows(nowMs)) continue;
            budget.started(repeat, nowMs);
            went.push({ atMs: nowMs, repeat });
          }
          // The window moves in steps of a second, so the oldest one may have gone from it.
          const within = went.filter(({ atMs }) => Math.floor(atMs / 1000) > Math.floor(nowMs / 1000) - 10);
          const repeats = within.filter((each) => each.repeat).length;
          // Repeats that went are allowed by the requests that were there then; those may have left the window before them, by a second at most each.
          expect(repeats).toBeLessThanOrEqual(100 + 0.2 * (went.length - repeats));
        }
      }),
    );
  });
});

describe("Latency", () => {
  test("is the first answer's at first, and follows those that come after", () => {
    const latency = new Latency();
    expect(latency.at(0)).toBe(0);
    latency.observe(100, 0);
    expect(latency.at(0)).toBe(100);
    for (let at = 1; at <= 60; at++) latency.observe(500, at * 100);
    expect(latency.at(6_000)).toBeWithin(480, 501);
  });

  test("is not carried away by one answer", () => {
    const latency = new Latency();
    for (let at = 0; at < 20; at++) latency.observe(100, at * 10);
    latency.observe(10_000, 200);
    expect(latency.at(200)).toBeWithin(1_000, 1_100);
  });

  test("fades while there is no news, so that who was slow is asked again", () => {
    const latency = new Latency();
    latency.observe(1_000, 0);
    expect(latency.at(10_000)).toBe(500);
    expect(latency.at(90_000)).toBe(100);
  });
});

describe("ConcurrencyLimit", () => {
  test("lets in who waits the longest when a place is free, and no more wait than may be in", () => {
    const limit = new ConcurrencyLimit();
    limit.limit = 2;
    limit.entered();
    limit.entered();
    const told: string[] = [];
    const stops = ["a", "b", "c"].map((name) => limit.wait(() => told.push(name)));
    expect([limit.isFull, stops.map((stop) => stop !== undefined)]).toEqual([true, [true, true, false]]);
    stops[0]?.();
    limit.left();
    expect(told).toEqual(["b"]);
  });

  test("is no limit where none is set", () => {
    const limit = new ConcurrencyLimit();
    for (let at = 0; at < 1_000; at++) limit.entered();
    expect(limit.isFull).toBe(false);
  });
});

describe("HealthBook, of targets that share something", () => {
  /** Two models under two keys of one provider, and one of another provider. */
  const identities: readonly TargetIdentity[] = [
    ...["m", "n"].flatMap((model) =>
      ["#1", "#2"].map((account) => ({
        target: `p/${model}${account}`,
        service: `p/${model}`,
        account: `p${account}`,
        provider: "p",
        accounts: 2,
        attemptsMax: undefined,
      })),
    ),
    lone("q/m"),
  ];
  const [m1, m2, n1, n2, q] = [0, 1, 2, 3, 4] as const;
  const ALL = [m1, m2, n1, n2, q];
  const book = (accounts = 2): HealthBook =>
    new HealthBook(
      identities.map((identity) => ({ ...identity, accounts })),
      () => 0,
    );
  const out = (health: HealthBook, nowMs: number): number[] => ALL.filter((target) => !health.allows(target, nowMs));

  test("a provider's fault counts for the model there, whatever the key", () => {
    const health = book();
    for (let at = 0; at < 5; at++) health.failed(at % 2 === 0 ? m1 : m2, "upstream_failed", undefined, at, at);
    expect(out(health, 5)).toEqual([m1, m2]);
  });

  test("what fails on the way to a provider counts for all its models", () => {
    const health = book();
    for (let at = 0; at < 5; at++) health.failed(at % 2 === 0 ? m1 : n2, "upstream_unreachable", undefined, at, at);
    expect(out(health, 5)).toEqual([m1, m2, n1, n2]);
    expect([health.isBroken(m1, 5), health.isBroken(q, 5)]).toEqual([true, false]);
  });

  test("an answer shows that the way is free", () => {
    const health = book();
    for (let at = 0; at < 4; at++) health.failed(m1, "upstream_unreachable", undefined, at, at);
    health.failed(n1, "upstream_failed", undefined, 4, 4);
    health.failed(n1, "upstream_unreachable", undefined, 5, 5);
    expect(out(health, 5)).toEqual([]);
  });

  test("a rate limit rests the model under that key, and the key once another model says so", () => {
    const health = book();
    health.failed(m1, "rate_limited", 5_000, 0, 0);
    expect(out(health, 1)).toEqual([m1]);
    health.failed(n1, "rate_limited", 9_000, 1, 1);
    expect(out(health, 2)).toEqual([m1, n1]);
    expect(health.waitMs(m1, 1)).toBe(9_000);
    expect(health.isBroken(m1, 2)).toBe(false);
  });

  test("one that served in between keeps the key going", () => {
    const health = book();
    health.failed(m1, "rate_limited", 5_000, 0, 0);
    health.succeeded(n1, 1, 1);
    health.failed(n1, "rate_limited", 1_000, 2, 2);
    expect(health.waitMs(m1, 2)).toBe(4_998);
    expect(health.waitMs(n1, 2)).toBe(1_000);
  });

  test("a key that is not accepted rests for ten minutes where there is another", () => {
    const health = book();
    health.failed(m1, "upstream_auth", undefined, 0, 0);
    expect(out(health, 599_999)).toEqual([m1, n1]);
    expect(out(health, 600_000)).toEqual([]);
  });

  test("the only key is asked again sooner", () => {
    const health = book(1);
    health.failed(m1, "upstream_auth", undefined, 0, 0);
    expect([out(health, 999), out(health, 1_000)]).toEqual([[m1], []]);
  });

  test("no room is no fault: it is told apart, and told when it comes", () => {
    const health = new HealthBook([{ ...lone("p/m"), attemptsMax: 1 }], () => 0);
    health.started(0, 0);
    expect([health.allows(0, 0), health.isFull(0, 0), health.isBroken(0, 0), health.waitMs(0, 0)]).toEqual([false, true, false, 0]);
    let free = false;
    health.waitForRoom(0, () => {
      free = true;
    });
    health.ended(0);
    expect([free, health.allows(0, 1)]).toEqual([true, true]);
  });

  test("what is left of a rate limit holds until it begins anew", () => {
    const health = book();
    health.limited(m1, 0.2, 1_000, 0);
    expect([health.headroom(m1, 999), health.headroom(m1, 1_000), health.headroom(m2, 0)]).toEqual([0.2, 1, 1]);
  });

  test("with another key an account begins anew, and what the provider did is kept", () => {
    const old = book();
    old.failed(m1, "upstream_auth", undefined, 0, 0);
    for (let at = 0; at < 5; at++) old.failed(n2, "upstream_failed", undefined, at, at);
    const changed = identities.map((identity) => (identity.account === "p#1" ? { ...identity, account: "p#1 other" } : identity));
    const next = new HealthBook(changed, () => 0, old);
    expect(out(next, 5)).toEqual([n1, n2]);
  });

  test("what two plans share is known to both", () => {
    const old = book();
    const next = new HealthBook(identities.slice(1), () => 0, old);
    for (let at = 0; at < 5; at++) old.failed(m1, "upstream_failed", undefined, at, at);
    // In the next one the second key's target is the first row.
    expect([next.allows(0, 5), next.allows(1, 5)]).toEqual([false, true]);
  });

  test("what is kept beside a target is what its parts say, whatever happens", () => {
    const kinds = fc.constantFrom(
      "upstream_failed",
      "upstream_unreachable",
      "rate_limited",
      "upstream_auth",
      "upstream_rejected",
      "overloaded",
    );
    const step = fc.record({
      target: fc.constantFrom(...ALL),
      afterMs: fc.constantFrom(0, 1, 500, 5_000, 70_000),
      outcome: fc.oneof(kinds, fc.constantFrom("succeeded", "abandoned")),
      retryAfterMs: fc.constantFrom(undefined, 0, 2_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const health = book();
        let nowMs = 0;
        for (const { target, afterMs, outcome, retryAfterMs } of steps) {
          nowMs += afterMs;
          if (!health.allows(target, nowMs)) continue;
          health.started(target, nowMs);
          if (outcome === "succeeded") health.succeeded(target, nowMs, nowMs);
          else if (outcome === "abandoned") health.abandoned(target, nowMs);
          else health.failed(target, outcome as "rate_limited", retryAfterMs, nowMs, nowMs);
          health.ended(target);
          for (const each of ALL) expect(health.allows(each, nowMs)).toBe(health.waitMs(each, nowMs) === 0);
        }
        // Nothing that failed stays out for good.
        expect(out(health, nowMs + 4_000_000)).toEqual([]);
      }),
    );
  });
});
