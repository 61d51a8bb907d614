// This file holds types alone: `config/declarations.ts` puts its text into the `omni.d.ts` that travels with the binary.

/** Lines from one that matches `from`, that one included, up to one that matches `to`, that one excluded. */
export interface Span {
  readonly from: readonly string[];
  /** Default: a blank line. */
  readonly to?: readonly string[];
  /** The span ends after so many lines, whatever follows. Default 60. */
  readonly linesMax?: number;
}

/** Lines that may go, and what the mark in their place calls them. */
export interface Drop {
  /** A few words in the plural, such as `passing tests`. */
  readonly what: string;
  readonly lines: readonly string[];
  /** They stay if they are more than three in four: then they are what was asked for. Default false. */
  readonly unlessMost?: boolean;
}

/** A span that may go as a whole; its first line stays, so that it is seen what is missing. */
export interface DropSpan extends Span {
  readonly what: string;
}

/** Lines that go only from long results, and only where nothing else stands near them. */
export interface Thin {
  readonly what: string;
  readonly lines: readonly string[];
  /** Results up to so many lines stay whole. */
  readonly aboveLines: number;
  /** So many of these lines stay on each side of any other line. */
  readonly beside: number;
}

/** How many lines may stay at most. Protected lines always do, and count. */
export interface Cap {
  readonly lines: number;
  /** Of the lines that are not protected, so many stay from the beginning. */
  readonly head: number;
  /** And so many from the end. */
  readonly tail: number;
}

/** A piece of output, and the promise that comes with it. */
export interface Sample {
  readonly claim: string;
  readonly command?: string;
  readonly output: string;
  /** Whole lines of the output that must be in what is left. */
  readonly survives: readonly string[];
  /** Whole lines that must be gone. Default none. */
  readonly drops?: readonly string[];
}

/**
 * What is known about the output of one tool. Plain data: it can be written in TypeScript, JSON or YAML alike. All patterns are regular
 * expressions of a kind that reads a line in linear time, and see one line at a time; see `compileLines`. What no list names stays.
 */
export interface Filter {
  /** As it stands in `x-omni-rtk`: lower case, digits and dashes. */
  readonly id: string;
  /** One line for people. */
  readonly summary: string;
  /**
   * Commands whose output this is for certain, such as `git diff`: the program, then words that must follow in this order, and flags that
   * must be there somewhere.
   */
  readonly commands?: readonly string[];
  /** Commands that may run this tool among others, such as `npm test`: then one sign decides. */
  readonly scripts?: readonly string[];
  /** What the output looks like. Where no command is known, two signs must be there, on different lines. */
  readonly signs?: readonly string[];
  /** The tool runs others, so that two signs of another filter count for more than this command. Default false. */
  readonly runsOthers?: boolean;
  /** Lines that no stage may remove, besides those that look like errors anyway. */
  readonly keep?: readonly string[];
  /** Spans that no stage may remove: a failing test with its diff, a diagnostic with its code frame. */
  readonly keepSpans?: readonly Span[];
  readonly drop?: readonly Drop[];
  readonly dropSpans?: readonly DropSpan[];
  /** Of these lines, each is kept once and its repeats go, wherever they stand. */
  readonly once?: readonly string[];
  readonly thin?: Thin;
  /** Default 400 lines: 120 from the beginning and 200 from the end. */
  readonly cap?: Cap;
  /** Lines longer than this many characters are cut in their middle, unless they are protected. At least 2048. Default: never. */
  readonly lineCharsMax?: number;
  /** At least one. They are checked when the filter is loaded. */
  readonly samples: readonly Sample[];
}
