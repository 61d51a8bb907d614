const OPENINGS = ["In short,", "As it happens,", "Seen from afar,", "On a good day,", "Strictly speaking,", "For what it is worth,"];
const SUBJECTS = ["the gateway", "a patient client", "every stream", "the last event", "a quiet socket", "the longest prompt"];
const VERBS = ["carries", "awaits", "remembers", "outlives", "measures", "forgives"];
const OBJECTS = ["what it was given", "the next token", "a slow reader", "its own deadline", "the first byte", "more than it says"];

/** Makes sentences without end and without sense, always the same ones for the same seed. */
export function* sentences(seed: string): Generator<string> {
  let state = Bun.hash.xxHash32(seed);
  const pick = (words: readonly string[]) => {
    // A linear congruential generator; its upper half is good enough to choose words by.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return words[(state >>> 16) % words.length];
  };
  for (;;) yield `${pick(OPENINGS)} ${pick(SUBJECTS)} ${pick(VERBS)} ${pick(OBJECTS)}.`;
}
