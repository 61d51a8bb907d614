import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { findErrorLines, looksLikeError } from "../../../src/policies/compress/error-lines.ts";
import type { Filter } from "../../../src/policies/compress/filter.ts";
import { FILTERS } from "../../../src/policies/compress/filters/index.ts";
import { checkPattern, compileLines, PatternFault, PROBE_CHARS_MAX } from "../../../src/policies/compress/line-pattern.ts";

describe("checkPattern refuses", () => {
  test.each([
    { pattern: "^(?:a+)+$", why: "a repetition in a repetition" },
    { pattern: "^(?:a|aa)+$", why: "a group without limit" },
    { pattern: "^(?:ab)*c", why: "a group without limit, even a simple one" },
    { pattern: "^(?:a|ab)(?:b|bc)(?:c|d)x", why: "several readings at several places" },
    { pattern: "a+b", why: "a repetition without limit that may begin anywhere" },
    { pattern: "error.*failed", why: "the same with a point" },
    { pattern: "^.*a.*b", why: "two repetitions of which each could take the other's part" },
    { pattern: "^\\s*\\S*\\s*$", why: "a repetition after which nothing need be" },
    { pattern: "^\\d+\\d+x", why: "two ways to share digits" },
    { pattern: "^\\w*\\d+:", why: "two ways to share digits between classes" },
    { pattern: "^[^:]+ \\d+ [^:]+:", why: "a class that includes what follows it" },
    { pattern: "^(?:a?){8}b", why: "a choice that is repeated" },
    { pattern: "^(?:a|aa){0,30}c", why: "a repeated group with alternatives that fit both" },
    { pattern: "^(?:(?:a|ab)b?c){8}x", why: "the same, deeper within" },
    { pattern: "^a?a?a?a?a?a?b", why: "choices in a row" },
    { pattern: "(?=x)y", why: "look-ahead" },
    { pattern: "(?<!x)y", why: "look-behind" },
    { pattern: "^(a)\\1", why: "a capture, and a reference back" },
    { pattern: "^(?:a|ab)\\1", why: "a reference back" },
    { pattern: "^a+?b", why: "lazy repetition" },
    { pattern: "x{200}", why: "a span longer than any need at every character" },
    { pattern: "", why: "nothing" },
    { pattern: "^a|", why: "an alternative of nothing" },
    { pattern: "\\b", why: "an edge alone" },
    { pattern: "^[", why: "what is no regular expression" },
    { pattern: "\\p{L}", why: "an escape without a meaning here" },
  ])("$why: $pattern", ({ pattern }) => {
    expect(() => checkPattern(pattern)).toThrow(PatternFault);
  });
});

describe("checkPattern takes", () => {
  test.each([
    "^On branch \\S", //
    "^ +\\d+:\\d+ +(?:error|warning) ",
    "^.* PASSED(?: |$)",
    "(?i)\\bwarn(?:ing)?s?\\b",
    "^[^: ]+:\\d+:",
    "^\\s*[✓✔] ",
    "\\.go:\\d{1,6}:\\d",
  ])("%s", (pattern) => {
    expect(() => checkPattern(pattern)).not.toThrow();
  });

  test("and case is each pattern's own", () => {
    const lines = compileLines(["(?i)^warning", "^Error"])!;
    expect(["WARNING", "Error", "error"].map((line) => lines.test(line))).toEqual([true, true, false]);
  });
});

/** All patterns of a filter. */
function patternsOf(filter: Filter): string[] {
  const spans = [...(filter.keepSpans ?? []), ...(filter.dropSpans ?? [])];
  return [
    ...(filter.signs ?? []),
    ...(filter.keep ?? []),
    ...(filter.once ?? []),
    ...(filter.drop ?? []).flatMap(({ lines }) => lines),
    ...(filter.thin?.lines ?? []),
    ...spans.flatMap(({ from, to }) => [...from, ...(to ?? [])]),
  ];
}

/** What one match may take on the slowest of machines: a backtracking one takes a thousand times as long, or for ever. */
const MATCH_MS_MAX = 20;

/** The best of some tries, since others work on the same machine. */
function matchMs(lines: RegExp, line: string): number {
  let best = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 5 && best >= MATCH_MS_MAX; turn++) {
    const startNs = Bun.nanoseconds();
    lines.test(line);
    best = Math.min(best, (Bun.nanoseconds() - startNs) / 1e6);
  }
  return best;
}

/** Lines that make an ambiguous pattern try everything: what it likes, over and over, and then what it does not. */
function hostileLines(pattern: string): string[] {
  const likes = [...new Set(pattern.replaceAll(/\\[dDwWsSb]|[\\^$()[\]{}|?*+]/g, ""))].slice(0, 24);
  const words = pattern.split(/[^A-Za-z0-9:./ -]+/).filter((word) => word !== "");
  return [...likes, ...words, "1", "a", " ", "a1", "1:", "a ", " 1", "./", "✓", "é"].map(
    (unit) => `${unit.repeat(Math.ceil(PROBE_CHARS_MAX / unit.length)).slice(0, PROBE_CHARS_MAX - 1)}\u0000`,
  );
}

test.each(FILTERS.map((filter) => [filter.id, filter] as const))("no pattern of %s can be made to backtrack without limit", (_, filter) => {
  for (const pattern of patternsOf(filter)) {
    const lines = compileLines([pattern])!;
    for (const line of hostileLines(pattern)) {
      expect(matchMs(lines, line)).toBeLessThan(MATCH_MS_MAX);
    }
  }
});

test("whatever pattern is taken reads a hostile line at once", () => {
  const atom = fc.constantFrom(
    "a",
    "b",
    "[ab]",
    "\\w",
    "\\d",
    "\\s",
    ".",
    "(?:a|b)",
    "(?:a|ab)",
    "(?:ab|ac)",
    "(?:a*b)",
    "(?:a?)",
    "(?:a|aa)",
    "(?:ab?|b)",
  );
  const quantifier = fc.constantFrom("", "", "", "*", "+", "?", "{1,3}", "{2}", "{0,30}");
  const patterns = fc
    .tuple(fc.boolean(), fc.array(fc.tuple(atom, quantifier), { minLength: 1, maxLength: 7 }), fc.boolean())
    .map(([start, items, end]) => `${start ? "^" : ""}${items.map((item) => item.join("")).join("")}${end ? "c$" : "c"}`);
  let taken = 0;
  fc.assert(
    fc.property(patterns, (pattern) => {
      try {
        checkPattern(pattern);
      } catch (error) {
        if (error instanceof PatternFault) return;
        throw error;
      }
      taken++;
      const lines = new RegExp(pattern);
      for (const unit of ["a", "b", "ab", "a ", "1", "ba"]) {
        expect(matchMs(lines, unit.repeat(PROBE_CHARS_MAX / unit.length))).toBeLessThan(MATCH_MS_MAX);
      }
    }),
    { numRuns: 3000 },
  );
  expect(taken).toBeGreaterThan(300);
});

test.each([
  ["error: x", true],
  ["TypeError: x", true],
  ["3 errors", true],
  ["FAILED a", true],
  ["npm ERR! code", true],
  ["  ✕ test", true],
  ["Permission denied", true],
  ["src/a.ts(1,2): error TS2322: x", true],
  ["a mirror", false],
  ["a failover happened", false],
  ["all is well", false],
])("%s looks like an error: %p", (line, is) => {
  expect(looksLikeError(line)).toBe(is);
});

test("all lines at once are judged as one by one", () => {
  const word = fc.constantFrom(
    "error",
    "Error",
    "terror",
    "fail",
    "failover",
    "İ",
    "✗",
    "exit",
    "exit code 1",
    " ",
    "x",
    "timed out",
    "no such",
    "\r",
  );
  fc.assert(
    fc.property(fc.array(fc.array(word, { maxLength: 6 }), { maxLength: 40 }), (rows) => {
      const lines = rows.map((row) => row.join(""));
      expect([...findErrorLines(lines.join("\n"), lines)]).toEqual(lines.map((line) => (looksLikeError(line) ? 1 : 0)));
    }),
    { numRuns: 500 },
  );
});
