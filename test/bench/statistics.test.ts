import { describe, expect, test } from "bun:test";
import { median, pairedRatios, quantile, Series, spreadOf } from "../../bench/statistics.ts";

describe("quantile", () => {
  test.each([
    { claim: "the least", values: [3, 1, 2], share: 0, is: 1 },
    { claim: "the greatest", values: [3, 1, 2], share: 1, is: 3 },
    { claim: "the middle of an odd number", values: [9, 1, 5], share: 0.5, is: 5 },
    { claim: "between the two in the middle of an even number", values: [1, 2, 4, 8], share: 0.5, is: 3 },
    { claim: "a straight line between neighbours", values: [0, 10], share: 0.99, is: 9.9 },
    { claim: "by value and not by spelling", values: [10, 9, 100], share: 1, is: 100 },
    { claim: "of one, that one", values: [7], share: 0.99, is: 7 },
  ])("is $claim", ({ values, share, is }) => {
    expect(quantile(values, share)).toBeCloseTo(is, 10);
  });

  test("is no number where there are none", () => {
    expect(median([])).toBeNaN();
  });

  test("leaves what it is given in its order", () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

test("a round that gave no number does not count", () => {
  expect(spreadOf([4, Number.NaN, 2, Number.POSITIVE_INFINITY])).toEqual({ min: 2, lower: 2.5, median: 3, upper: 3.5, max: 4, rounds: 2 });
});

describe("paired ratios", () => {
  test("hold each round against the same round of the other", () => {
    expect(pairedRatios([2, 30, 4], [1, 10, 2])).toEqual([2, 3, 2]);
  });

  test("leave out rounds that one of the two does not have", () => {
    expect(pairedRatios([2, Number.NaN, 4, 6], [1, 10, 0])).toEqual([2]);
  });
});

test("a series keeps more numbers than it had room for, and forgets them when told", () => {
  const series = new Series();
  for (let value = 10_000; value > 0; value--) series.add(value);
  expect(series.length).toBe(10_000);
  expect(series.quantiles(0, 0.5, 1)).toEqual([1, 5000.5, 10_000]);
  series.clear();
  series.add(5);
  expect(series.quantiles(0, 1)).toEqual([5, 5]);
});
