import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ANONYMOUS } from "../../../src/policies/caller.ts";
import { type GuardNote, type GuardRule, Guards, type GuardsOf } from "../../../src/policies/guard/guard.ts";
import { GuardedStream, HELD_CHARS_MAX } from "../../../src/policies/guard/guarded-stream.ts";
import { PII_KINDS } from "../../../src/policies/guard/pii.ts";

const quiet: GuardNote = () => {};
const RULES: readonly GuardRule[] = [
  { name: "pii", type: "pii", detect: PII_KINDS, action: "redact", phases: ["output"] },
  { name: "words", type: "words", words: ["foo", "foo bar", "bar baz"], action: "redact", phases: ["output"] },
];
const guardsOf = (rules: readonly GuardRule[] = RULES): GuardsOf => new Guards(rules).for(ANONYMOUS, "output")!; // They are for the output.

/** What is handed on of a text that comes in pieces. */
function streamed(pieces: readonly string[], guards = guardsOf()): string[] {
  const stream = new GuardedStream(guards, quiet);
  return [...pieces.map((piece) => stream.push(piece)), stream.end()];
}

const SENSITIVE = [
  ...["ann@example.com", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "+49 30 901820", "123-45-6789", "10.0.0.1"],
  ...["AKIAIOSFODNN7EXAMPLE", "foo", "foo bar", "bar baz"],
] as const;
const plain = fc.constantFrom("and", "foobar", "12", "1111", "A", "x@y", "(an)", "é", "😀", "密", "well,", "it's.");

/** Words of an ordinary text: what is looked for stands between others. */
const prose = fc
  .array(
    fc.tuple(fc.constantFrom(...SENSITIVE, ""), fc.constantFrom("and", "well,", "it's.", "😀", "so\n"), fc.constantFrom(" ", "  ", "\n")),
    {
      maxLength: 12,
    },
  )
  .map((words) => words.map(([found, word, blank]) => `${found} ${word}${blank}`).join(""));

/** Anything next to anything. */
const jumble = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom(...SENSITIVE), plain), fc.constantFrom(" ", "", "\n", ", ", "(")), { maxLength: 12 })
  .map((words) => words.flat().join(""));

const cut = (whole: string, cuts: readonly number[]): string[] => {
  const places = [0, ...cuts.map((each) => each % (whole.length + 1)).sort((a, b) => a - b), whole.length];
  return places.slice(1).map((place, at) => whole.slice(places[at], place));
};
const cuts = fc.array(fc.nat({ max: 300 }), { maxLength: 30 });

describe("a text that comes in pieces", () => {
  test("becomes the same as one that comes whole, however it is cut", () => {
    fc.assert(
      fc.property(prose, cuts, (whole, places) => {
        expect(streamed(cut(whole, places)).join("")).toBe(guardsOf().check({ text: whole, role: "assistant" }, quiet));
      }),
      { numRuns: 2_000 },
    );
  });

  test("never shows what is found in it when it comes whole, whatever stands next to it", () => {
    fc.assert(
      fc.property(jumble, cuts, (whole, places) => {
        const given = streamed(cut(whole, places)).join("");
        const shown = (text: string): number => SENSITIVE.slice(0, 7).reduce((sum, each) => sum + text.split(each).length - 1, 0);
        const checked = guardsOf().check({ text: whole, role: "assistant" }, quiet);
        expect(shown(given)).toBeLessThanOrEqual(shown(checked));
      }),
      { numRuns: 2_000 },
    );
  });

  test("is handed on word by word where there is nothing in it", () => {
    const pieces = "The quick brown fox jumps over the lazy dog.".split(/(?<= )/);
    expect(streamed(pieces).slice(0, -1)).toEqual(pieces.slice(0, -1).concat(""));
  });

  test("is never held back for more than is said", () => {
    const stream = new GuardedStream(guardsOf(), quiet);
    let [given, most] = [0, 0];
    for (let count = 1; count <= 5_000; count++) {
      given += stream.push("a").length;
      most = Math.max(most, count - given);
    }
    expect(most).toBeLessThanOrEqual(HELD_CHARS_MAX);
  });

  test("ends where something is to be blocked, before a letter of it is out", () => {
    const stream = new GuardedStream(
      guardsOf([{ name: "w", type: "words", words: ["secret project"], action: "block", phases: ["output"] }]),
      quiet,
    );
    let given = "";
    const push = (): void => {
      for (const piece of ["The sec", "ret pro", "ject is", " off."]) given += stream.push(piece);
    };
    expect(push).toThrow(/the guardrail "w" has found word/);
    expect(given).toBe("The ");
  });
});
