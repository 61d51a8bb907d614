/** A piece of code to be timed. */
export interface MicroCase {
  readonly name: string;
  /** What it is, and on what. */
  readonly about: string;
  /** Does it so many times, in a loop of its own. Returns something that depends on all of it, or the compiler might leave it out. */
  run(times: number): number;
}

/** What the loops returned; it is of no use but to be used. */
let sink = 0;

/**
 * Times pieces of code in rounds, all of them in each round, so that a moment's noise falls on all.
 *
 * @param roundMs How long a round of one piece takes, more or less.
 * @returns Nanoseconds per call, by piece, in the order of the rounds.
 */
export function timeRounds(cases: readonly MicroCase[], rounds: number, roundMs: number): number[][] {
  const counts = cases.map((piece) => calibrate(piece, roundMs));
  const seen = cases.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [at, piece] of cases.entries()) {
      const count = counts[at]!; // One per piece.
      seen[at]!.push(timeOf(piece, count) / count); // The same.
    }
  }
  return seen;
}

/** Also what warms it up: the loop is compiled and recompiled on the way. */
function calibrate(piece: MicroCase, roundMs: number): number {
  let count = 64;
  for (;;) {
    const ns = timeOf(piece, count);
    if (ns > roundMs * 5e5) return Math.max(1, Math.round((count * roundMs * 1e6) / ns));
    count *= 2;
  }
}

/** CPU time of the process rather than the clock's: others may take the core in the middle of a round, and do not count. */
function timeOf(piece: MicroCase, count: number): number {
  const before = process.cpuUsage();
  sink ^= piece.run(count);
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1000;
}

/** The sum of all loops so far. */
export function sinkValue(): number {
  return sink;
}
