import type { GuardNote, GuardsOf } from "./guard.ts";

/** How many characters of a text are held back at most. What takes longer to become a finding than that is not found in a stream. */
export const HELD_CHARS_MAX = 400;

/** A text that comes in pieces: hands on what is settled, and holds back what the next piece may still make a finding of. */
export class GuardedStream {
  private readonly guards: GuardsOf;
  private readonly noted: GuardNote;
  /** What is settled already and is kept only because a word can not be told without what stands before it. */
  private before = "";
  private held = "";

  constructor(guards: GuardsOf, noted: GuardNote) {
    this.guards = guards;
    this.noted = noted;
  }

  /**
   * Takes a piece.
   * @returns What can be handed on now; maybe nothing.
   * @throws {OmniError} `content_policy_violation`.
   */
  push(piece: string): string {
    this.held += piece;
    const open = this.guards.openFrom(this.before + this.held) - this.before.length;
    const from = Math.max(0, open, this.held.length - HELD_CHARS_MAX);
    return this.release(wholeCharacters(this.held, from));
  }

  /** Nothing more comes. @returns What was held back. */
  end(): string {
    return this.release(this.held.length);
  }

  private release(count: number): string {
    if (count === 0) return "";
    const piece = this.held.slice(0, count);
    this.held = this.held.slice(count);
    const mark = this.before;
    this.before = piece.slice(-1);
    // A single character of context: whether a word begins here.
    const checked = this.guards.check({ text: mark + piece, role: "assistant" }, this.noted);
    return checked.startsWith(mark) ? checked.slice(mark.length) : checked;
  }
}

/** A place between two characters, not in the middle of one. */
function wholeCharacters(text: string, at: number): number {
  const code = text.charCodeAt(at - 1);
  return at > 0 && code >= 0xd800 && code <= 0xdbff ? at - 1 : at;
}
