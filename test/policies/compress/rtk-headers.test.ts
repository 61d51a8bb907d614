import { expect, test } from "bun:test";
import { formatSavings, isSwitchedOff } from "../../../src/policies/compress/rtk-headers.ts";

test("savings are summed per filter, in the order in which they first appear", () => {
  const savings = [
    { filter: "git-diff", bytesBefore: 18_000, bytesAfter: 6000 },
    { filter: "test-jest", bytesBefore: 900, bytesAfter: 300 },
    { filter: "git-diff", bytesBefore: 234, bytesAfter: 120 },
  ];
  expect(formatSavings(savings)).toBe("git-diff;bytes=18234>6120, test-jest;bytes=900>300");
  expect(formatSavings([])).toBeUndefined();
});

test("the header stays short, however many filters acted", () => {
  const savings = Array.from({ length: 400 }, (_, index) => ({ filter: `filter-${index}`, bytesBefore: 1000, bytesAfter: 1 }));
  const header = formatSavings(savings) ?? "";
  expect(header.length).toBeLessThan(600);
  expect(header).toEndWith("others;bytes=388000>388");
});

test.each([
  ["x-omniroute-rtk", "off", true],
  ["X-Omni-Rtk", " OFF ", true],
  ["x-omni-rtk", "false", true],
  ["x-omni-rtk", "on", false],
  ["x-omni-rtk", "", false],
  ["x-other", "off", false],
] as const)("%s: %s switches it off: %p", (name, value, off) => {
  expect(isSwitchedOff(new Headers({ [name]: value }))).toBe(off);
});
