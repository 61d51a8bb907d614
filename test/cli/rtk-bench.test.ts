import { expect, test } from "bun:test";
import { drawFigures, measureFilters } from "../../src/cli/rtk-bench.ts";
import { DEFAULT_FILTERS, FILTERS } from "../../src/policies/compress/index.ts";
import { ManualClock } from "../../src/world/simulated.ts";

test("every filter is measured by its own samples, and what all save together stands below", () => {
  const filters = FILTERS.filter(({ id }) => id === "test-jest" || id === "git-status");
  const figures = measureFilters(filters, DEFAULT_FILTERS, new ManualClock());
  expect(figures.map(({ filter }) => filter)).toEqual(filters.map(({ id }) => id));
  for (const { bytesBefore, bytesAfter, samples } of figures) {
    expect(samples).toBeGreaterThan(0);
    expect(bytesAfter).toBeLessThanOrEqual(bytesBefore);
  }
  expect(figures.some(({ bytesBefore, bytesAfter }) => bytesAfter < bytesBefore)).toBe(true);
  const lines = drawFigures(figures).split("\n");
  expect(lines).toHaveLength(4);
  expect(lines.at(-1)).toMatch(/^all +\d+ +\d+ +\d+ +\d+ %/);
});
