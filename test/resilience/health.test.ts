import { describe, expect, test } from "bun:test";
import { FAILURES, type FailureKind } from "../../src/ir/failure.ts";
import { backoffMs } from "../../src/resilience/backoff.ts";
import { Cooldown } from "../../src/resilience/cooldown.ts";
import { firstSignMs } from "../../src/resilience/deadline.ts";
import { HealthBook, lone } from "../../src/resilience/health.ts";
import type { HealthFact } from "../../src/resilience/health-fact.ts";

const KINDS = Object.keys(FAILURES) as FailureKind[];
const bookOf = (previous?: HealthBook): HealthBook => new HealthBook(["a/x", "b/y"].map(lone), () => 0, previous);

describe("HealthBook", () => {
  test.each(KINDS.filter((kind) => FAILURES[kind].blame === "client" || FAILURES[kind].blame === "gateway"))(
    "%s is never held against a target",
    (kind) => {
      const book = bookOf();
      for (let i = 0; i < 50; i++) {
        book.started(0, i);
        book.failed(0, kind, undefined, i, i);
        book.ended(0);
      }
      expect(book.allows(0, 50)).toBe(true);
    },
  );

  test.each(KINDS.filter((kind) => FAILURES[kind].blame === "provider"))(
    "%s five times in a row opens the circuit of that target alone",
    (kind) => {
      const book = bookOf();
      for (let i = 0; i < 5; i++) book.failed(0, kind, undefined, i, i);
      expect([book.allows(0, 5), book.allows(1, 5)]).toEqual([false, true]);
    },
  );

  test("a rate limit rests the target for as long as was asked, and opens no circuit", () => {
    const book = bookOf();
    book.failed(0, "rate_limited", 20_000, 0, 0);
    expect(book.waitMs(0, 0)).toBe(20_000);
    expect(book.allows(0, 20_000)).toBe(true);
    expect(book.lastFailure(0)).toBe("rate_limited");
  });

  test("what is known of a target lives on in the next book, and of others nothing does", () => {
    const old = bookOf();
    old.failed(0, "rate_limited", 20_000, 0, 0);
    const next = new HealthBook(["c/z", "a/x"].map(lone), () => 0, old);
    expect([next.allows(0, 1), next.allows(1, 1)]).toEqual([true, false]);
  });

  test("counts attempts under way", () => {
    const book = bookOf();
    book.started(1, 0);
    book.started(1, 0);
    book.ended(1);
    expect([book.inFlight(0), book.inFlight(1)]).toEqual([0, 1]);
  });
});

describe("Cooldown", () => {
  test("of two rests the longer one holds", () => {
    const cooldown = new Cooldown();
    cooldown.refused(0, 30_000);
    cooldown.refused(10, 1_000);
    expect(cooldown.waitMs(10)).toBe(29_990);
  });

  test("a rest that nobody asked for doubles up to a minute, and begins anew after an answer", () => {
    const cooldown = new Cooldown();
    const rests: number[] = [];
    let nowMs = 0;
    for (let i = 0; i < 8; i++) {
      cooldown.refused(nowMs, undefined);
      rests.push(cooldown.waitMs(nowMs));
      nowMs += cooldown.waitMs(nowMs);
    }
    expect(rests).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    cooldown.served();
    cooldown.refused(nowMs, undefined);
    expect(cooldown.waitMs(nowMs)).toBe(1_000);
  });

  test("no provider can ask for more than an hour", () => {
    const cooldown = new Cooldown();
    cooldown.refused(0, 9e9);
    expect(cooldown.waitMs(0)).toBe(3_600_000);
  });
});

describe("backoffMs", () => {
  test("is spread from nothing to the whole wait, which doubles up to its limit", () => {
    expect([backoffMs(1, 0), backoffMs(1, 1), backoffMs(3, 1), backoffMs(99, 1)]).toEqual([0, 100, 400, 5_000]);
  });
});

describe("firstSignMs", () => {
  test.each([
    { claim: "is short while another target could take over", stream: true, last: false, configured: undefined, ms: 60_000 },
    { claim: "is patient at the last target", stream: true, last: true, configured: undefined, ms: 300_000 },
    {
      claim: "leaves a whole answer all the time that there is",
      stream: false,
      last: true,
      configured: undefined,
      ms: Number.POSITIVE_INFINITY,
    },
    { claim: "is what the operator says", stream: false, last: true, configured: 5, ms: 5 },
  ])("$claim", ({ stream, last, configured, ms }) => {
    expect(firstSignMs(stream, last, configured)).toBe(ms);
  });
});

describe("what one process tells another", () => {
  const pair = (): [HealthBook, HealthBook, (nowMs: number) => void] => {
    const facts: HealthFact[] = [];
    const identities = ["a/x", "b/y"].map(lone);
    const one = new HealthBook(
      identities,
      () => 0,
      undefined,
      (fact) => facts.push(fact),
    );
    const other = new HealthBook(identities, () => 0);
    const pass = (nowMs: number): void => {
      for (const fact of facts.splice(0)) other.heard(fact, nowMs);
    };
    return [one, other, pass];
  };

  test("a rest holds there as long as here, whatever its clock says", () => {
    const [one, other, pass] = pair();
    one.failed(0, "rate_limited", 20_000, 0, 0);
    pass(500_000);
    expect([other.waitMs(0, 500_000), other.waitMs(1, 500_000)]).toEqual([20_000, 0]);
    expect(other.allows(0, 520_000)).toBe(true);
  });

  test("a circuit that opens here opens there, and closes there when it closes here", () => {
    const [one, other, pass] = pair();
    for (let i = 0; i < 5; i++) one.failed(0, "upstream_timeout", undefined, i, i);
    pass(5);
    expect([other.isBroken(0, 5), other.allows(1, 5)]).toEqual([true, true]);
    one.started(0, 2_000);
    one.succeeded(0, 2_000, 2_010);
    pass(2_010);
    expect([other.allows(0, 2_010), other.isBroken(0, 2_010)]).toEqual([true, false]);
  });

  test("what is about nothing here is of no matter, and nothing is told of what did not change", () => {
    const [one, other, pass] = pair();
    one.failed(0, "invalid_request", undefined, 0, 0);
    one.succeeded(0, 0, 1);
    other.heard({ type: "open", scope: "service", name: "nobody", forMs: 1_000 }, 0);
    pass(0);
    expect([other.allows(0, 0), other.allows(1, 0)]).toEqual([true, true]);
  });
});
