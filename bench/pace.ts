/** How thoroughly to measure. All times in milliseconds, per contestant and round. */
export interface Pace {
  /** Of the closed loop, which the budget looks at, and of the micro suite. */
  readonly rounds: number;
  /** Of everything else. */
  readonly roundsOther: number;
  /** How many unmeasured turns at most come before the first scenario; the others begin warm and get one. */
  readonly warmTurnsMax: number;
  readonly closedLoopMs: number;
  readonly openLoopMs: number;
  readonly bulkMs: number;
  readonly pacedMs: number;
  /** How long each round of a micro measurement takes. */
  readonly microMs: number;
}

/** For figures that are shown to others: some five minutes. */
export const THOROUGH: Pace = {
  rounds: 7,
  roundsOther: 7,
  warmTurnsMax: 6,
  closedLoopMs: 1_500,
  openLoopMs: 3_000,
  bulkMs: 1_500,
  pacedMs: 2_000,
  microMs: 60,
};

/** For a look while one works: under 45 seconds with four contestants. */
export const QUICK: Pace = {
  rounds: 5,
  roundsOther: 3,
  warmTurnsMax: 3,
  closedLoopMs: 400,
  openLoopMs: 400,
  bulkMs: 250,
  pacedMs: 300,
  microMs: 15,
};
