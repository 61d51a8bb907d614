/** Up to six letters or digits with the space before them, or one other sign: about what vendors count as one token. */
const TOKEN = /\s*(?:[\p{L}\p{N}]{1,6}|[^\s\p{L}\p{N}])|\s+$/gu;

/** Cuts a text into tokens; joined they give the text again. An estimate, but always the same one. */
export function tokensOf(text: string): readonly string[] {
  return text.match(TOKEN) ?? [];
}
