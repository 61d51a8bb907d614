/** Something in a text that a guardrail looks for: the characters from `start` to `end`, the latter not included. */
export interface Finding {
  readonly start: number;
  readonly end: number;
  /** What it is, in a word of the guardrail's own: never what was found. */
  readonly label: string;
}

/** Looks for something. Takes time in proportion to the text, whatever it is. */
export interface Finder {
  find(text: string): readonly Finding[];
  /**
   * From where on the text could still become something that is looked for, if there were more of it; its length if nowhere. What stands before it is
   * settled, so that a stream can be handed on up to there.
   */
  openFrom(text: string): number;
}

/** Puts a word in the place of each finding. */
export function redacted(text: string, findings: readonly Finding[]): string {
  let [result, at] = ["", 0];
  for (const { start, end, label } of findings) {
    if (start < at) continue;
    result += `${text.slice(at, start)}[${label.toUpperCase()}]`;
    at = end;
  }
  return result + text.slice(at);
}

/** In the order of the text; of those that overlap, the one that begins first, or is longest. */
export function inOrder(findings: Finding[]): Finding[] {
  findings.sort((a, b) => a.start - b.start || b.end - a.end);
  let end = -1;
  return findings.filter((finding) => {
    if (finding.start < end) return false;
    end = finding.end;
    return true;
  });
}
