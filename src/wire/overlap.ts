/** Fewer letters that are the same may be chance. */
const LENGTH_MIN = 12;

/**
 * Takes out of the continuation of a text what it repeats of its end: models that are asked to go on often begin a little before. What may still turn out
 * to be repeated is held back, never more than there is to repeat.
 */
export class Overlap {
  private readonly said: string;
  private held = "";
  private decided = false;

  /** @param said The text that is gone on with. */
  constructor(said: string) {
    this.said = said;
  }

  /** Takes more of the continuation. @returns What is new in it and can be handed on. */
  push(text: string): string {
    if (this.decided) return text;
    this.held += text;
    return this.said.includes(this.held) ? "" : this.decide();
  }

  /** No more comes. @returns What was held back and is new. */
  end(): string {
    return this.decided ? "" : this.decide();
  }

  private decide(): string {
    const { said, held } = this;
    this.decided = true;
    this.held = "";
    for (let length = Math.min(held.length, said.length); length > 0; length--) {
      const repeated = held.slice(0, length);
      // Blanks are never meant twice: some models must not be shown any at the end, and so make them again.
      const counts = length >= Math.min(LENGTH_MIN, said.length) || repeated.trim() === "";
      if (counts && said.endsWith(repeated)) return held.slice(length);
    }
    return held;
  }
}
