/** How many tokens a text has, roughly. */
export interface TextTokens {
  /** No tokenizer in use makes fewer of it: what is refused by this count would be refused by the provider. */
  readonly least: number;
  /** What is likely. */
  readonly likely: number;
}

/** Of English prose a token is about four characters; no vocabulary has many words beyond twelve. */
const CHARACTERS_LIKELY = 4;
const CHARACTERS_MOST = 12;

/** Estimates the tokens of a plain text. */
export function estimateTextTokens(text: string): TextTokens {
  return { least: Math.ceil(text.length / CHARACTERS_MOST), likely: Math.ceil(text.length / CHARACTERS_LIKELY) };
}
