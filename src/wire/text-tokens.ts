/** No vocabulary in use has many words beyond so many characters. */
const CHARACTERS_MOST = 12;

/** How many tokens a text has at least: no tokenizer in use makes fewer of it, so what is refused by this count would be refused by the provider. */
export function leastTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_MOST);
}
