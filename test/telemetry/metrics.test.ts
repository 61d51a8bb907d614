import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Counter, Gauge, Histogram } from "../../src/telemetry/metrics.ts";

describe("a counter", () => {
  test("adds up by its labels, and tells what it is", () => {
    const counter = new Counter("omni_x_total", "What x is.", ["a", "b"]);
    for (const [a, b] of [
      ["1", "x"],
      ["1", "y"],
      ["1", "x"],
      ["2", "x"],
    ] as const)
      counter.add(1.5, a, b);
    expect(counter.text()).toBe(
      '# HELP omni_x_total What x is.\n# TYPE omni_x_total counter\nomni_x_total{a="1",b="x"} 3\nomni_x_total{a="1",b="y"} 1.5\nomni_x_total{a="2",b="x"} 1.5\n',
    );
    expect([counter.value("1", "x"), counter.value("9", "x")]).toEqual([3, 0]);
  });

  test("has two thousand series, and counts what comes beyond together", () => {
    const counter = new Counter("c", "", ["a", ""]);
    for (let count = 0; count < 5_000; count++) counter.add(1, `n${count}`, "");
    const lines = counter.text().trim().split("\n").slice(2);
    expect(lines.length).toBe(2_001);
    expect([counter.value("other", "other"), counter.value("n1999", ""), counter.value("n2000", "")]).toEqual([3_000, 1, 0]);
  });

  test("is never written so that one of its labels could be taken for something else", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (label) => {
        const counter = new Counter("c", "", ["a", ""]);
        counter.add(1, label, "");
        const [, , line = "", ...rest] = counter.text().split("\n");
        expect(rest).toEqual([""]);
        const written = /^c\{a="((?:[^"\\]|\\["\\n])*)"\} 1$/s.exec(line)?.[1];
        expect(written?.replace(/\\(.)/gs, (_, character) => (character === "n" ? "\n" : character))).toBe(label);
      }),
    );
  });
});

test("a histogram counts each value in every bucket that it fits into", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 20, noNaN: true })), (values) => {
      const histogram = new Histogram("h", "", "of", [0.5, 1, 10]);
      for (const value of values) histogram.observe(value, "x");
      if (values.length === 0) return;
      const below = (bound: number): number => values.filter((value) => value <= bound).length;
      const lines = histogram.text().split("\n").slice(2);
      expect(lines.slice(0, 4)).toEqual([
        `h_bucket{of="x",le="0.5"} ${below(0.5)}`,
        `h_bucket{of="x",le="1"} ${below(1)}`,
        `h_bucket{of="x",le="10"} ${below(10)}`,
        `h_bucket{of="x",le="+Inf"} ${values.length}`,
      ]);
      expect(Number(lines[4]?.split(" ")[1])).toBeCloseTo(values.reduce((sum, value) => sum + value, 0));
      expect(lines[5]).toBe(`h_count{of="x"} ${values.length}`);
    }),
  );
});

test("a gauge is looked at when somebody asks", () => {
  let now = 1;
  const gauge = new Gauge("g", "Now.", () => [[now], [2, { a: "b" }]]);
  now = 7;
  expect(gauge.text()).toBe('# HELP g Now.\n# TYPE g gauge\ng 7\ng{a="b"} 2\n');
});
