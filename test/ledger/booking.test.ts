import { describe, expect, test } from "bun:test";
import { FAILURES, type FailureKind } from "../../src/ir/failure.ts";
import { book, didNoWork } from "../../src/ledger/booking.ts";
import { costNanoUsd, ratesOf } from "../../src/ledger/price.ts";
import { estimateTokens, OUTPUT_TOKENS_MAX, reserveForAny, reserveNanoUsd } from "../../src/ledger/reservation.ts";

const RATES = ratesOf({ input: 1, output: 4 });
const USAGE = { inputTokens: 10, inputTokensCached: 0, outputTokens: 5, reasoningTokens: 0 };

describe("an attempt is booked", () => {
  test.each([
    { claim: "exactly, when all is known", failure: undefined, usage: USAGE, rates: RATES, booked: ["exact", 30_000] },
    {
      claim: "as far as it was counted, when it broke off",
      failure: "upstream_truncated",
      usage: USAGE,
      rates: RATES,
      booked: ["estimated", 30_000],
    },
    {
      claim: "without a cost, when nobody knows the price",
      failure: undefined,
      usage: USAGE,
      rates: undefined,
      booked: ["exact", undefined],
    },
    {
      claim: "at what was set aside, when a good answer said nothing",
      failure: undefined,
      usage: undefined,
      rates: RATES,
      booked: ["unknown", 777],
    },
    {
      claim: "at what was set aside, when the client left",
      failure: "client_closed",
      usage: undefined,
      rates: RATES,
      booked: ["unknown", 777],
    },
    {
      claim: "at what was set aside, when the provider may have done it",
      failure: "upstream_reset",
      usage: undefined,
      rates: RATES,
      booked: ["unknown", 777],
    },
    { claim: "at nothing, when the provider said no", failure: "rate_limited", usage: undefined, rates: RATES, booked: ["zero", 0] },
    {
      claim: "at nothing, when it never got there, whatever the price",
      failure: "upstream_unreachable",
      usage: undefined,
      rates: undefined,
      booked: ["zero", 0],
    },
    {
      claim: "at what was set aside, when the provider counted below zero",
      failure: undefined,
      usage: { ...USAGE, inputTokens: -1 },
      rates: RATES,
      booked: ["unknown", 777],
    },
  ] as const)("$claim", ({ failure, usage, rates, booked }) => {
    const { certainty, costNanoUsd: cost } = book(failure, usage, rates, 777);
    expect([certainty, cost] as unknown[]).toEqual([...booked]);
  });

  test("and never at nothing where work may have been done", () => {
    const free = (Object.keys(FAILURES) as FailureKind[]).filter(didNoWork);
    for (const kind of [
      "client_closed",
      "deadline_exceeded",
      "internal_error",
      "upstream_failed",
      "upstream_reset",
      "upstream_timeout",
      "upstream_truncated",
      "upstream_invalid",
    ] as const)
      expect(free).not.toContain(kind);
    expect(free).toContain("upstream_overloaded");
  });
});

describe("what is set aside", () => {
  test("is enough for the tokens that text of this length has", () => {
    const size = { bodyBytes: 4_000, outputTokensMax: 100 };
    const usual = costNanoUsd({ ...USAGE, inputTokens: 1_300, outputTokens: 100 }, RATES);
    expect(reserveNanoUsd(size, RATES)).toBeGreaterThanOrEqual(usual ?? 0);
    expect(reserveNanoUsd({ ...size, outputTokensMax: undefined }, RATES)).toBe(2_000 * 1_000 + OUTPUT_TOKENS_MAX * 4_000);
  });

  test("is that of the dearest target, and unknown as soon as one is", () => {
    const size = { bodyBytes: 2, outputTokensMax: 1 };
    expect(reserveForAny(size, [RATES, ratesOf({ input: 10, output: 10 })])).toBe(20_000);
    expect(reserveForAny(size, [RATES, undefined])).toBeUndefined();
    expect(reserveForAny(size, [])).toBe(0);
  });

  test("of tokens is an estimate, not the most", () => {
    expect(estimateTokens({ bodyBytes: 4_001, outputTokensMax: undefined })).toBe(2_001);
    expect(estimateTokens({ bodyBytes: 0, outputTokensMax: 10 })).toBe(10);
  });
});
