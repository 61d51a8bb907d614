import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Usage } from "../../src/ir/usage.ts";
import { costNanoUsd, costNanoUsdMax, FREE, formatUsd, type Price, priceVersion, ratesOf } from "../../src/ledger/price.ts";
import { listPrice, PRICES } from "../../src/ledger/prices.ts";
import { PROVIDERS } from "../../src/providers/index.ts";

const SONNET: Price = { input: 3, inputCached: 0.3, inputCacheWritten: 3.75, inputCacheWrittenLong: 6, output: 15 };
const none: Usage = { inputTokens: 0, inputTokensCached: 0, outputTokens: 0, reasoningTokens: 0 };

describe("costNanoUsd", () => {
  test.each([
    { claim: "nothing costs nothing", usage: none, nanoUsd: 0 },
    { claim: "a million tokens cost what the page says", usage: { ...none, inputTokens: 1_000_000 }, nanoUsd: 3_000_000_000 },
    {
      claim: "what was read from the cache is counted once, at its own price",
      usage: { ...none, inputTokensCached: 1_000_000 },
      nanoUsd: 300_000_000,
    },
    {
      claim: "a write for an hour is dearer than a write",
      usage: { ...none, inputTokensCacheWritten: 100, inputTokensCacheWrittenLong: 100 },
      nanoUsd: 975_000,
    },
    {
      claim: "reasoning is billed as output where nothing else is said",
      usage: { ...none, outputTokens: 10, reasoningTokens: 90 },
      nanoUsd: 1_500_000,
    },
  ])("$claim", ({ usage, nanoUsd }) => {
    expect(costNanoUsd(usage, ratesOf(SONNET))).toBe(nanoUsd);
  });

  test.each([
    { claim: "audio in", usage: { ...none, inputTokens: 5, inputTokensOfAudio: 5 } },
    { claim: "audio out", usage: { ...none, outputTokens: 5, outputTokensOfAudio: 5 } },
    { claim: "searches", usage: { ...none, webSearches: 1 } },
  ])("$claim without a price has an unknown cost, not none", ({ usage }) => {
    expect(costNanoUsd(usage, ratesOf(SONNET))).toBeUndefined();
    expect(costNanoUsd(usage, ratesOf(FREE))).toBe(0);
  });

  test("audio is not counted as text as well", () => {
    const rates = ratesOf({ input: 2.5, output: 10, inputAudio: 40, outputAudio: 80 });
    expect(costNanoUsd({ ...none, inputTokens: 10, inputTokensOfAudio: 4, outputTokens: 10, outputTokensOfAudio: 10 }, rates)).toBe(
      6 * 2_500 + 4 * 40_000 + 10 * 80_000,
    );
  });

  test("rounds once: three halves of a nano-dollar are two, not three", () => {
    const rates = ratesOf({ input: 0.0005, inputCached: 0.0005, output: 0.0005 });
    expect(costNanoUsd({ inputTokens: 1, inputTokensCached: 1, outputTokens: 1, reasoningTokens: 0 }, rates)).toBe(2);
  });

  test("beyond a length the whole exchange is billed by the other prices", () => {
    const rates = ratesOf({ input: 1, output: 1, long: { inputTokensAbove: 100, input: 2, output: 3 } });
    expect(costNanoUsd({ ...none, inputTokens: 100, outputTokens: 10 }, rates)).toBe(110_000);
    expect(costNanoUsd({ ...none, inputTokens: 60, inputTokensCached: 41, outputTokens: 10 }, rates)).toBe(101 * 2_000 + 30_000);
  });

  test.each([
    { claim: "counts below zero", usage: { ...none, inputTokens: -1 } },
    { claim: "numbers that are none", usage: { ...none, inputTokens: Number.NaN } },
    { claim: "more audio than output", usage: { ...none, outputTokens: 1, outputTokensOfAudio: 2 } },
    { claim: "more than can be added up exactly", usage: { ...none, inputTokens: 4e12 } },
  ])("refuses $claim", ({ usage }) => {
    expect(() => costNanoUsd(usage, ratesOf({ ...SONNET, outputAudio: 1 }))).toThrow(RangeError);
  });

  test("no answer costs more than was set aside for its tokens", () => {
    const tokens = fc.nat(100_000);
    fc.assert(
      fc.property(tokens, tokens, tokens, tokens, tokens, tokens, (fresh, cached, written, writtenLong, output, reasoning) => {
        const rates = ratesOf(SONNET);
        const usage = {
          inputTokens: fresh,
          inputTokensCached: cached,
          inputTokensCacheWritten: written,
          inputTokensCacheWrittenLong: writtenLong,
          outputTokens: output,
          reasoningTokens: reasoning,
        };
        const most = costNanoUsdMax(fresh + cached + written + writtenLong, output + reasoning, rates);
        expect(costNanoUsd(usage, rates)).toBeLessThanOrEqual(most);
      }),
    );
  });
});

describe("the list of prices", () => {
  test("says for each row where it is from and when it was looked at", () => {
    for (const { source, checked, price } of PRICES) {
      expect(source).toMatch(/^https:\/\/|^the gateway itself$/);
      expect(checked).toMatch(/^\d{4}-\d\d(-\d\d)?$|^undated$|^recalled$/);
      expect(price.output).toBeGreaterThanOrEqual(price.input);
      expect(price.inputCached ?? 0).toBeLessThanOrEqual(price.input);
    }
  });

  test("names each model once, and only models of catalogs", () => {
    const names = PRICES.map(({ kind, model }) => `${kind}/${model}`);
    expect(new Set(names).size).toBe(names.length);
    const known = new Set(
      PROVIDERS.flatMap(({ name, models }) => [
        `${name}/*`,
        ...Object.values(models)
          .flat()
          .map((model) => `${name}/${model}`),
      ]),
    );
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  test("does not make up a price for what it does not know", () => {
    expect(listPrice("openai", "gpt-5.1")?.price.output).toBe(10);
    expect(listPrice("openai", "no-such-model")).toBeUndefined();
    expect(listPrice("openai-compatible", "gpt-5.1")).toBeUndefined();
  });

  test("has a version that changes with any rate and with nothing else", () => {
    expect(priceVersion(ratesOf(SONNET))).toBe(priceVersion(ratesOf({ ...SONNET })));
    expect(priceVersion(ratesOf({ ...SONNET, output: 15.01 }))).not.toBe(priceVersion(ratesOf(SONNET)));
  });
});

test.each([
  { nanoUsd: 0, text: "0.00" },
  { nanoUsd: 1, text: "0.000000001" },
  { nanoUsd: 1_500_000_000, text: "1.50" },
  { nanoUsd: 12_345_678_901, text: "12.345678901" },
  { nanoUsd: -250_000_000, text: "-0.25" },
])("writes $nanoUsd nano-dollars as $text", ({ nanoUsd, text }) => {
  expect(formatUsd(nanoUsd)).toBe(text);
});
