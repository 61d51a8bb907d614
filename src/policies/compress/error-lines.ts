/**
 * What makes a line look like the report of a failure, in whatever tool. Lower case, since lines are lowered before they are compared: that
 * is three times as fast as a search that is blind to case. Too broad is better than too narrow: what matches is kept.
 */
const WORDS = [
  "errors?\\b",
  "\\berr!",
  "\\bfail(?:s|ed|ing|ure|ures)?\\b",
  "\\bfatal\\b",
  "\\bcritical\\b",
  "\\bpanic(?:ked|s)?\\b",
  "exceptions?\\b",
  "\\btraceback\\b",
  "\\bcaused by\\b",
  "\\bdenied\\b",
  "\\brefused\\b",
  "\\btimed out\\b",
  "\\btimeout\\b",
  "\\bnot found\\b",
  "\\bno such\\b",
  "\\bcannot\\b",
  "\\bcan't\\b",
  "\\bcould not\\b",
  "\\bcouldn't\\b",
  "\\bunable to\\b",
  "\\bis not defined\\b",
  "\\bundefined (?:reference|symbol|method|variable)",
  "\\bundefined:",
  "\\bunresolved\\b",
  "\\bunexpected (?:token|end|eof|character|identifier|argument|keyword|indent)",
  "\\binvalid\\b",
  "\\bconflicts?\\b",
  "\\bkilled\\b",
  "\\baborted\\b",
  "\\bcrash(?:ed|loopbackoff)?\\b",
  "\\boomkilled\\b",
  "\\bsegmentation fault\\b",
  "\\bcore dumped\\b",
  "\\bassert(?:ion)?error",
  "\\bts\\d{4,5}:",
  "exit(?:ed)? (?:code|status|with)",
  "[✗✘✖✕×❌⨯]",
];

const PATTERN = new RegExp(WORDS.join("|"));

/** Whether a line may be the report of a failure. Such a line is never removed. */
export function looksLikeError(line: string): boolean {
  return PATTERN.test(line.toLowerCase());
}
