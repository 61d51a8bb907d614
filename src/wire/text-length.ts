/** How many characters a text has, as offsets of citations count them: not the halves that JavaScript makes of some. */
export function charactersOf(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length; index += 1) {
    if ((text.charCodeAt(index) & 0xfc00) === 0xdc00) count -= 1;
  }
  return count;
}
