import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Overlap } from "../../src/wire/overlap.ts";

function goOn(said: string, pieces: readonly string[]): string {
  const overlap = new Overlap(said);
  return pieces.map((piece) => overlap.push(piece)).join("") + overlap.end();
}

describe("Overlap", () => {
  test.each([
    { claim: "hands on what is new", said: "The quick brown", pieces: [" fox", " jumps"], fresh: " fox jumps" },
    { claim: "takes out what is repeated of the end", said: "The quick brown fox", pieces: ["quick bro", "wn fox jumps"], fresh: " jumps" },
    { claim: "takes out all of it, if all is repeated", said: "The quick brown", pieces: ["The ", "quick ", "brown fox"], fresh: " fox" },
    { claim: "lets a letter that happens to be the same stand", said: "This is a ba", pieces: ["a", "r"], fresh: "ar" },
    { claim: "takes no blanks twice", said: "Hello, ", pieces: [" world"], fresh: "world" },
    { claim: "gives back what it held, if nothing more comes", said: "The quick brown fox", pieces: ["quick"], fresh: "quick" },
    {
      claim: "looks at the beginning alone",
      said: "one two three four",
      pieces: ["!", "one two three four"],
      fresh: "!one two three four",
    },
  ])("$claim", ({ said, pieces, fresh }) => {
    expect(goOn(said, pieces)).toBe(fresh);
  });

  test("makes the same of the same text, however it is cut, and never loses what is new", () => {
    const text = fc.string({ minLength: 1, maxLength: 60, unit: fc.constantFrom("a", "b", " ", "é") });
    fc.assert(
      fc.property(text, text, fc.array(fc.nat({ max: 59 })), fc.nat({ max: 60 }), (said, fresh, cuts, back) => {
        const repeated = said.slice(Math.max(said.length - back, 0)) + fresh;
        const places = [...new Set([0, ...cuts.filter((at) => at < repeated.length), repeated.length])].sort((a, b) => a - b);
        const pieces = places.slice(1).map((end, at) => repeated.slice(places[at], end));
        const whole = goOn(said, [repeated]);
        return goOn(said, pieces) === whole && repeated.endsWith(whole);
      }),
    );
  });
});
